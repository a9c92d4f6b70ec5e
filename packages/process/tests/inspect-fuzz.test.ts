import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { FACT_GROUPS, inspectProcess, openInspectSource, pidsOf } from "@supervise/process";
import type { Descriptor, InspectSource, SocketFacts } from "@supervise/process";
import { createKernel, signalName } from "@supervise/sys";

const real = openInspectSource(createKernel());
const PID = 4711;
const STAT = `${PID} (a) b) S 1 ${PID} ${PID} 34817 ${PID} 4194560 10 0 0 0 5 7 0 0 20 0 1 0 900 1000 2000${" 0".repeat(28)}\n`;

interface Made {
  /** By path; a negative number is an errno. */
  readonly files: Readonly<Record<string, string | number>>;
  readonly links?: Readonly<Record<string, string | number>>;
  readonly descriptors?: readonly string[];
  /** What netlink sockets answer to a request for sockets of a family and protocol; null: there are none. */
  readonly answer?: ((family: number, protocol: number) => Buffer) | null;
}

/** A /proc that says what the test likes. What it does not name is not there. */
function made({ files, links = {}, descriptors = [], answer = null }: Made): InspectSource {
  let asked = Buffer.alloc(0);
  const file = (path: string): string | number => files[path] ?? -2;
  return {
    root: "/proc",
    calls: {
      readFile: () => -2,
      readLink: () => -2,
      fileAttribute: () => -61,
      descriptorList: () =>
        descriptors.flatMap((fd) => {
          const [target, info] = [links[`${PID}/fd/${fd}`] ?? "", file(`${PID}/fdinfo/${fd}`)];
          return typeof target === "number" || typeof info === "number"
            ? []
            : [{ fd: Number(fd), target, info, file: null }];
        }),
      netlinkSocket: () => (answer === null ? -93 : 99),
      write(_, request, __, length) {
        asked = Buffer.from(request);
        return length;
      },
      read(_, buffer) {
        const bytes = answer?.(asked[16] ?? 0, asked[17] ?? 0) ?? Buffer.alloc(0);
        buffer.set(bytes);
        return bytes.length;
      },
      close: () => 0,
    },
    bytes: (path) => {
      const text = file(path);
      return typeof text === "number" ? text : Buffer.from(text, "latin1");
    },
    text: file,
    link: (path) => links[path] ?? -2,
    names: () => [],
    stat: () => null,
  };
}

/** What the kernel says of us, as the beginning of what is made up. */
const FILES = ["status", "limits", "io", "cgroup", "wchan", "smaps_rollup"];
const TABLES = ["tcp", "tcp6", "udp", "udp6", "unix", "raw", "raw6", "netlink", "packet"];
const truth: Readonly<Record<string, string>> = {
  [`${PID}/cmdline`]: "node\0--flag\0",
  [`${PID}/environ`]: "A=1\0B=\0",
  ...Object.fromEntries(
    [...FILES, ...TABLES.map((name) => `net/${name}`)].map((name) => {
      const text = real.text(`self/${name}`);
      return [`${PID}/${name}`, typeof text === "number" ? "" : text.slice(0, 1000)];
    }),
  ),
};
const INFO = "pos:\t0\nflags:\t02\nmnt_id:\t1\nino:\t5\n";

/** A text with a part of it replaced. */
function damaged(text: string): fc.Arbitrary<string | number> {
  const junk = fc.oneof(
    fc.string({ unit: "binary-ascii", maxLength: 40 }),
    fc.constantFrom(
      "",
      "\0",
      "\n",
      " -1 ",
      "99999999999999999999",
      ")",
      ":",
      "ffffffffffffffffffff",
    ),
  );
  const change = fc
    .tuple(fc.nat(text.length), fc.nat(60), junk)
    .map(([at, length, other]) => text.slice(0, at) + other + text.slice(at + length));
  return fc.oneof({ weight: 8, arbitrary: change }, fc.constantFrom(-13, -3, -2, -1));
}

test("whatever /proc says, nothing is thrown and every group has its place", () => {
  const kinds = ["eventfd", "timerfd", "eventpoll", "signalfd", "pidfd", "[inotify]", "inotify"];
  const lines =
    "eventfd-count: 7\nclockid: 1\nit_value: (9, 1)\ntfd: 3 events: 19 data: 3\ninotify wd:1 ino:3 sdev:f mask:2 x\nsigmask: 42\nPid: 1\nlock: 1: x\n";
  const paths = [...Object.entries(truth), ["uptime", "12.5 3.4"] as const];
  const everything = fc.record({
    files: fc.record({
      ...Object.fromEntries(paths.map(([path, text]) => [path, damaged(text)])),
      [`${PID}/stat`]: fc.oneof({ weight: 5, arbitrary: fc.constant(STAT) }, damaged(STAT)),
      [`${PID}/fdinfo/3`]: damaged(INFO + lines),
      [`${PID}/fdinfo/4`]: fc.constant(INFO + lines),
    }),
    links: fc.record({
      [`${PID}/fd/3`]: fc.constantFrom(...kinds.map((kind) => `anon_inode:[${kind}]`)),
      [`${PID}/fd/4`]: fc.oneof(
        damaged("socket:[12]"),
        damaged("pipe:[7]"),
        damaged("/dev/null (deleted)"),
      ),
      [`${PID}/exe`]: damaged("/bin/sh (deleted)"),
      [`${PID}/ns/net`]: damaged("net:[4026531833]"),
      "self/ns/net": fc.constant("net:[4026531833]"),
    }),
    descriptors: fc.constant(["3", "4"]),
    answer: fc.oneof(
      fc.constant(null),
      fc
        .uint8Array({ minLength: 1, maxLength: 200 })
        .map((bytes) => () => endingIn(Buffer.from(bytes))),
    ),
  });
  fc.assert(
    fc.property(everything, (files) => {
      const read = inspectProcess(made(files), PID, { groups: FACT_GROUPS, ends: "among" });
      if (read.outcome === "gone") return;
      for (const group of FACT_GROUPS) assert.equal(typeof read.process[group].known, "boolean");
      assert.doesNotThrow(() => JSON.stringify(read));
    }),
    { numRuns: 1500 },
  );
});

const NLMSG_DONE = 3;
const AF_INET = 2;
const IPPROTO_TCP = 6;

/** A message of netlink: length, type, flags, sequence, port, payload. */
function message(type: number, payload: Buffer): Buffer {
  const bytes = Buffer.alloc((16 + payload.length + 3) & ~3);
  bytes.writeUInt32LE(16 + payload.length, 0);
  bytes.writeUInt16LE(type, 4);
  payload.copy(bytes, 16);
  return bytes;
}

function endingIn(first: Buffer): Buffer {
  return Buffer.concat([message(20, first), message(NLMSG_DONE, Buffer.alloc(4))]);
}

function socketOf(source: InspectSource): SocketFacts {
  const read = inspectProcess(source, PID, { groups: ["descriptors"] });
  assert.ok(read.outcome === "read" && read.process.descriptors.known);
  const one: Descriptor | undefined = read.process.descriptors.value[0];
  assert.equal(one?.kind, "socket");
  return one?.kind === "socket" ? one.socket : assert.fail();
}

const INODE = 8123;
const SOCKET = {
  files: { [`${PID}/stat`]: STAT, [`${PID}/fdinfo/3`]: INFO },
  links: {
    [`${PID}/fd/3`]: `socket:[${INODE}]`,
    [`${PID}/ns/net`]: "net:[1]",
    "self/ns/net": "net:[1]",
  },
  descriptors: ["3"],
};
const octet = fc.nat(255);
const ipv4 = fc.tuple(octet, octet, octet, octet);
const port = fc.integer({ min: 1, max: 65535 });
const queue = fc.nat(2 ** 31 - 1);
/** The states that a descriptor can have, by the kernel's number. */
const STATES = [
  "established",
  "syn-sent",
  "",
  "fin-wait-1",
  "fin-wait-2",
  "",
  "close",
  "close-wait",
  "last-ack",
  "listen",
  "closing",
] as const;
const state = fc.nat(STATES.length - 1).filter((index) => STATES[index] !== "");

test("a TCP socket of sock_diag is told with what the kernel put into the message", () => {
  fc.assert(
    fc.property(
      ipv4,
      ipv4,
      port,
      port,
      queue,
      queue,
      state,
      (local, remote, from, to, one, two, at) => {
        const payload = Buffer.alloc(72);
        payload[0] = 2;
        payload[1] = at + 1;
        payload.writeUInt16BE(from, 4);
        payload.writeUInt16BE(to, 6);
        payload.set(local, 8);
        payload.set(remote, 24);
        payload.writeUInt32LE(one, 56);
        payload.writeUInt32LE(two, 60);
        payload.writeUInt32LE(1000, 64);
        payload.writeUInt32LE(INODE, 68);
        const none = message(NLMSG_DONE, Buffer.alloc(4));
        const answer = (family: number, protocol: number): Buffer =>
          family === AF_INET && protocol === IPPROTO_TCP ? endingIn(payload) : none;
        assert.deepEqual(socketOf(made({ ...SOCKET, answer })), {
          ...expected(local, remote, from, to, at),
          protocol: "tcp",
          queue:
            STATES[at] === "listen"
              ? { kind: "backlog", waiting: one, limit: two }
              : { kind: "data", receiveBytes: one, sendBytes: two },
        });
      },
    ),
    { numRuns: 200 },
  );
});

test("a TCP socket of /proc/net/tcp is told with what stands in its line", () => {
  const hex = (value: number, digits: number): string =>
    value.toString(16).toUpperCase().padStart(digits, "0");
  const address = (bytes: readonly number[]): string =>
    bytes
      .toReversed()
      .map((byte) => hex(byte, 2))
      .join("");
  fc.assert(
    fc.property(
      ipv4,
      ipv4,
      port,
      port,
      queue,
      queue,
      state,
      (local, remote, from, to, one, two, at) => {
        const line = ` 0: ${address(local)}:${hex(from, 4)} ${address(remote)}:${hex(to, 4)} ${hex(at + 1, 2)} ${hex(two, 8)}:${hex(one, 8)} 00:00000000 00000000  1000        0 ${INODE} 1 0000000000000000 20 4 30 10 -1`;
        const files = { ...SOCKET.files, [`${PID}/net/tcp`]: `  sl  local_address\n${line}\n` };
        assert.deepEqual(socketOf(made({ ...SOCKET, files })), {
          ...expected(local, remote, from, to, at),
          protocol: "tcp",
          queue:
            STATES[at] === "listen"
              ? { kind: "backlog", waiting: one, limit: null }
              : { kind: "data", receiveBytes: one, sendBytes: two },
        });
      },
    ),
    { numRuns: 200 },
  );
});

function expected(
  local: readonly number[],
  remote: readonly number[],
  from: number,
  to: number,
  at: number,
): object {
  return {
    family: "ipv4",
    state: STATES[at],
    local: { address: local.join("."), port: from },
    remote: { address: remote.join("."), port: to },
    uid: 1000,
  };
}

test("every set of signals is told by name", () => {
  const sets = fc.uniqueArray(fc.integer({ min: 1, max: 64 }));
  fc.assert(
    fc.property(sets, (numbers) => {
      const mask = numbers.reduce((bits, number) => bits | (1n << BigInt(number - 1)), 0n);
      const files = {
        [`${PID}/stat`]: STAT,
        [`${PID}/status`]: `Name:\tx\nSigBlk:\t${mask.toString(16).padStart(16, "0")}\n`,
      };
      const read = inspectProcess(made({ files }), PID, { groups: ["signals"] });
      assert.ok(read.outcome === "read" && read.process.signals.known);
      const names = numbers.toSorted((one, other) => one - other).map(signalName);
      assert.deepEqual(read.process.signals.value.blocked, names);
    }),
  );
});

test("only numbers of /proc are processes", () => {
  const names = ["self", "1", "thread-self", "20", "0", "-3", "x1", ""];
  assert.deepEqual(pidsOf({ ...made({ files: {} }), names: () => names }), [1, 20]);
});
