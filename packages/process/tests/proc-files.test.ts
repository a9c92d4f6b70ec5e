import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { endianness } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  childrenOf,
  findListeners,
  findUnixListeners,
  openProc,
  originalOpenFiles,
  parseStatus,
  readCommandLine,
  readEnvironmentOf,
  readInvocationId,
  valueOf,
} from "@supervise/process";
import type { Proc } from "@supervise/process";
import { createKernel } from "@supervise/sys";
import { temporaryDirectory } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";

const kernel = createKernel();

/** A /proc made of files. */
function made(t: TestScope, files: Readonly<Record<string, string>>): Proc {
  const root = temporaryDirectory(t);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), content, "latin1");
  }
  return openProc(kernel, root);
}

const HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const row = (local: string, state: string, inode: number): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0000000000000000 100 0 0 10 0\n`;
/** Words of an address as this machine's kernel prints them. */
const word = (bytes: string): string =>
  endianness() === "LE" ? (bytes.match(/../g) ?? []).toReversed().join("") : bytes;

test("only listening sockets of the port are found, and the list ends where they end", (t) => {
  const local = `${word("7F000001")}:1F90`;
  const proc = made(t, {
    "net/tcp":
      HEAD +
      row(local, "0A", 7) +
      row(`${word("00000000")}:1F91`, "0A", 8) +
      row(local, "01", 9) +
      row(local, "0A", 10),
    "net/tcp6":
      HEAD +
      row(
        `${word("20010DB8")}${word("00000000")}${word("00000000")}${word("00000001")}:1F90`,
        "0A",
        11,
      ) +
      row(
        `${word("00000000")}${word("00000000")}${word("0000FFFF")}${word("7F000001")}:1F90`,
        "0A",
        12,
      ),
  });
  assert.deepEqual(
    findListeners(proc, 8080).map(({ address, inode, uid, port }) => [address, inode, uid, port]),
    [
      ["127.0.0.1", 7, 1000, 8080],
      ["2001:db8::1", 11, 1000, 8080],
      ["::ffff:127.0.0.1", 12, 1000, 8080],
    ],
  );
});

test("a table with more listening sockets than the first part holds is read on", (t) => {
  const rows = Array.from({ length: 2_000 }, (_, index) =>
    row(
      `${word("7F000001")}:${(index + 1).toString(16).padStart(4, "0").toUpperCase()}`,
      "0A",
      index + 1,
    ),
  );
  const proc = made(t, { "net/tcp": HEAD + rows.join("") });
  assert.equal(findListeners(proc, 2_000)[0]?.inode, 2_000);
});

test("network tables that are cut, empty or absent give what is whole in them", (t) => {
  const whole = HEAD + row(`${word("7F000001")}:1F90`, "0A", 7);
  const proc = made(t, { "net/tcp": "" });
  for (let length = 0; length < whole.length; length += 1) {
    writeFileSync(join(proc.root, "net/tcp"), whole.slice(0, length));
    assert.deepEqual(findListeners(proc, 8080), []);
  }
  assert.deepEqual(findListeners(made(t, {}), 8080), []);
  assert.deepEqual(findUnixListeners(made(t, {})), []);
});

test("a Unix socket's path is the rest of its line; sockets that do not listen, or have no name, are left out", (t) => {
  const line = (flags: string, path: string): string =>
    `0000000000000000: 00000002 00000000 ${flags} 0001 01 ${path}\n`;
  const proc = made(t, {
    "net/unix":
      "Num       RefCount Protocol Flags    Type St Inode Path\n" +
      line("00010000", "12 /run/a b  c") +
      line("00010000", " 13 @abstract") +
      line("00000000", "14 /run/connected") +
      line("00010000", "15"),
  });
  assert.deepEqual(findUnixListeners(proc), [
    { inode: 12, path: "/run/a b  c" },
    { inode: 13, path: "@abstract" },
  ]);
});

test("an environment is read as bytes; only a whole name counts", (t) => {
  const entries = [
    "XINVOCATION_ID=no",
    "A=1=2",
    "",
    "INVOCATION_ID=1f",
    "B=\xff",
    "INVOCATION_ID=second",
    "EMPTY=",
  ];
  const proc = made(t, {
    "7/environ": `${entries.join("\0")}\0`,
    "8/environ": "INVOCATION_ID=2e",
    "9/environ": "",
    "10/environ": "XINVOCATION_ID=no\0",
  });
  assert.equal(readInvocationId(proc, 7), "1f");
  assert.equal(readInvocationId(proc, 8), "2e");
  assert.equal(readInvocationId(proc, 9), null);
  assert.equal(readInvocationId(proc, 10), null);
  assert.equal(readInvocationId(proc, 11), null);
  const environment = readEnvironmentOf(proc, 7) ?? [];
  assert.deepEqual(
    environment.map((entry) => Buffer.from(entry).toString("latin1")),
    entries.filter((entry) => entry !== ""),
  );
  assert.equal(valueOf(environment, "A"), "1=2");
  assert.equal(valueOf(environment, "EMPTY"), "");
  assert.equal(valueOf(environment, "C"), null);
});

test("files larger than any buffer are read whole", (t) => {
  const proc = made(t, { "7/environ": `A=${"x".repeat(300_000)}\0INVOCATION_ID=1f\0` });
  assert.equal(readInvocationId(proc, 7), "1f");
  assert.equal(proc.text("7/environ", 4)?.length, 4);
});

test("children of all threads are read, and none of a process that is gone", (t) => {
  const proc = made(t, {
    "7/task/7/children": "8 9 ",
    "7/task/70/children": "",
    "7/task/71/children": "4194303",
  });
  assert.deepEqual(new Set(childrenOf(proc, 7)), new Set([8, 9, 4_194_303]));
  assert.deepEqual(childrenOf(proc, 8), []);
});

test("without the kernel's lists of children all processes are asked for their parent", (t) => {
  const stat = (pid: number, ppid: number): string =>
    `${pid} (x) S ${ppid} 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0`;
  const proc = made(t, {
    "7/stat": stat(7, 1),
    "7/task/7/stat": stat(7, 1),
    "8/stat": stat(8, 7),
    "9/stat": stat(9, 8),
    "10/stat": stat(10, 7),
  });
  assert.deepEqual(new Set(childrenOf(proc, 7)), new Set([8, 10]));
});

test("a command line is shown without its last NUL, and by its name where it has none", (t) => {
  const stat = (comm: string): string =>
    `7 (${comm}) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0`;
  const shown = (cmdline: string, comm = "name"): string | null =>
    readCommandLine(made(t, { "7/stat": stat(comm), "7/cmdline": cmdline }), 7);
  assert.equal(shown("a\0b c\0\0"), "a b c");
  assert.equal(shown("nginx: master process"), "nginx: master process");
  assert.equal(shown("a\0\x1b[2J\n\0"), "a \\x1b[2J\\n");
  assert.equal(shown(""), "[name]");
  assert.equal(shown("\0\0", "evil\x1b"), "[evil\\x1b]");
  assert.equal(shown(`x\0${"y".repeat(10_000)}`), `x ${"y".repeat(4094)}...`);
  assert.equal(
    shown(Buffer.from("語".repeat(10_000)).toString("latin1")),
    `${"語".repeat(1365)}...`,
  );
});

test("status is read by whole keys, and what lacks ids is refused", () => {
  const text =
    "Name:\tx\\nUid:\t0\nUmask:\t0022\nTgid:\t7\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nGroups:\t10 20 \nVmLck:\t      12 kB\nCapPrm:\t0000000000000000\nCapBnd:\t0000010000000401\n";
  assert.deepEqual(parseStatus(text), {
    tgid: 7,
    uids: [1, 2, 3, 4],
    gids: [5, 6, 7, 8],
    groups: [10, 20],
    lockedKilobytes: 12,
    permitted: [],
    bounding: [0, 10, 40],
  });
  for (const key of ["Tgid", "Uid:\t1", "Gid"])
    assert.equal(parseStatus(text.replace(`\n${key}`, "\nOther")), null, key);
  assert.equal(parseStatus(""), null);
});

test("the limit that Node raised is that of the nearest ancestor that is no Node", () => {
  const proc = openProc(kernel);
  const limit = originalOpenFiles(proc);
  assert.ok(limit);
  assert.equal(limit.hard, kernel.getLimit(7).hard);
  assert.ok(limit.soft === -1 || limit.soft <= limit.hard || limit.hard === -1);
});
