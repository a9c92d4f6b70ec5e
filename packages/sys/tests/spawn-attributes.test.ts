import assert from "node:assert/strict";
import {
  constants,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  statSync,
} from "node:fs";
import { basename } from "node:path";
import { getPriority } from "node:os";
import { test } from "node:test";
import { capabilityNames, capabilityNumber, limitNames } from "@supervise/sys";
import {
  hasCapability,
  kernel,
  needs,
  needsRoot,
  output,
  pipe,
  procOf,
  shell,
  statFields,
  statusLine,
} from "./running.js";

const nothing = "0".repeat(16);

test("signal mask and dispositions are clean, although Node ignores SIGPIPE", async () => {
  const own = statusLine(readFileSync("/proc/self/status", "latin1"), "SigIgn");
  assert.notEqual(BigInt(`0x${own}`) & (1n << 12n), 0n, "Node does not ignore SIGPIPE here");
  const status = await procOf("status", {});
  for (const key of ["SigBlk", "SigIgn", "SigCgt", "SigPnd", "ShdPnd"])
    assert.equal(statusLine(status, key), nothing, key);
});

test("our own mask and dispositions are as before a spawn", async () => {
  const before = readFileSync("/proc/self/status", "latin1");
  await procOf("status", {});
  const after = readFileSync("/proc/self/status", "latin1");
  for (const key of ["SigBlk", "SigIgn", "SigCgt"])
    assert.equal(statusLine(after, key), statusLine(before, key), key);
});

test("a new session has its own process group and no terminal", async () => {
  const { text, child } = await output(shell("cat /proc/$$/stat"));
  const fields = statFields(text);
  assert.deepEqual(
    [fields[4], fields[5], fields[6], fields[7]],
    [process.pid, child.pid, child.pid, 0],
  );
});

test("an inherited session and group are ours; group 0 is the child's own; a number is joined", async () => {
  const own = statFields(readFileSync("/proc/self/stat", "latin1"));
  const inherited = statFields(await procOf("stat", { session: "inherit" }));
  assert.deepEqual([inherited[5], inherited[6]], [own[5], own[6]]);
  const { text, child } = await output(
    shell("cat /proc/$$/stat", { session: { processGroup: 0 } }),
  );
  const grouped = statFields(text);
  assert.deepEqual([grouped[5], grouped[6]], [child.pid, own[6]]);
  const joined = statFields(await procOf("stat", { session: { processGroup: own[5] as number } }));
  assert.equal(joined[5], own[5]);
});

test("the controlling terminal is the one that was asked for", async () => {
  const pty = kernel.openPty(91, 31);
  assert.ok(typeof pty === "object");
  const device = statSync(`/proc/self/fd/${pty.terminal}`).rdev;
  const { text } = await output(
    shell("cat /proc/$$/stat; stty size", { descriptors: [pty.terminal], controllingTerminal: 0 }),
  );
  const [stat, size] = text.trim().split("\n");
  assert.equal(statFields(stat ?? "")[7], device);
  assert.equal(size, "31 91");
  kernel.close(pty.controller);
  kernel.close(pty.terminal);
});

test("nice is the child's alone", { skip: needs("CAP_SYS_NICE") }, async () => {
  for (const nice of [-20, -1, 0, 19]) {
    assert.equal(statFields(await procOf("stat", { nice }))[19], nice);
  }
  assert.equal(statFields(readFileSync("/proc/self/stat", "latin1"))[19], getPriority());
});

test("the OOM score is the child's alone", async () => {
  const before = readFileSync("/proc/self/oom_score_adj", "latin1");
  const lowest = needs("CAP_SYS_RESOURCE") === false ? -1000 : Number(before);
  for (const oomScoreAdj of [-1000, -7, 0, 10, 1000].filter((score) => score >= lowest)) {
    assert.equal((await procOf("oom_score_adj", { oomScoreAdj })).trim(), String(oomScoreAdj));
  }
  assert.equal(readFileSync("/proc/self/oom_score_adj", "latin1"), before);
});

test("every limit can be set, and ours stay as they are", async () => {
  const before = readFileSync("/proc/self/limits", "latin1");
  const limits = limitNames.map((name, number) => [number, ...lowered(name, number)] as const);
  const text = await procOf("limits", { limits });
  const values = text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.slice(26).trim().split(/\s+/).slice(0, 2).map(Number));
  assert.deepEqual(
    values,
    limits.map(([, soft, hard]) => [soft, hard]),
  );
  assert.equal(readFileSync("/proc/self/limits", "latin1"), before);
});

/** Distinct values that need no privilege, and leave cat enough to run with. */
function lowered(name: string, number: number): [soft: number, hard: number] {
  const { hard } = kernel.getLimit(number);
  const highest = hard === -1 ? 2 ** 40 + number * 65536 : hard;
  return name === "nice" || name === "rtprio"
    ? [0, highest]
    : [Math.floor(highest / 4), Math.floor(highest / 2)];
}

test("an infinite limit is infinite, and a limit of open files below the descriptors asked for does no harm", async () => {
  const core = kernel.getLimit(4).hard;
  const limits = await procOf("limits", { limits: [[4, core, core]] });
  assert.match(
    limits,
    core === -1 ? /Max core file size +unlimited +unlimited/ : /Max core file size +\d+ +\d+/,
  );
  const { read, write } = pipe();
  const { text } = await output(
    shell("ulimit -n; ls /proc/self/fd", {
      descriptors: [-1, -1, write, write, write],
      limits: [[7, 6, 6]],
    }),
  );
  assert.equal(text, "6\n0\n1\n2\n3\n4\n");
  kernel.close(read);
  kernel.close(write);
});

test(
  "uid, gid and groups are exactly those asked for, in every slot",
  { skip: needsRoot },
  async () => {
    const status = await procOf("status", {
      uid: 4_000_000_001,
      gid: 4_000_000_002,
      groups: [7, 4_000_000_003],
    });
    assert.equal(statusLine(status, "Uid"), Array(4).fill(4_000_000_001).join("\t"));
    assert.equal(statusLine(status, "Gid"), Array(4).fill(4_000_000_002).join("\t"));
    assert.equal(statusLine(status, "Groups"), "7 4000000003");
    assert.equal(statusLine(status, "CapEff"), nothing);
    assert.equal(statusLine(await procOf("status", { groups: [] }), "Groups"), "");
  },
);

test("a change of uid leaves our own /proc files readable to us", { skip: needsRoot }, async () => {
  await procOf("status", { uid: 65534 });
  assert.equal(statSync("/proc/self/environ").uid, process.getuid?.());
  assert.equal(statSync("/proc/self/fd").uid, process.getuid?.());
});

test("the bounding set keeps only what is named", { skip: needsRoot }, async () => {
  const kept = [capabilityNumber("CHOWN"), capabilityNumber("CAP_CHECKPOINT_RESTORE")] as number[];
  const status = await procOf("status", { capabilityBounding: kept });
  const mask = kept.reduce((sum, number) => sum | (1n << BigInt(number)), 0n);
  assert.equal(BigInt(`0x${statusLine(status, "CapBnd")}`), mask);
  assert.equal(BigInt(`0x${statusLine(status, "CapEff")}`), mask);
  assert.equal(statusLine(await procOf("status", { capabilityBounding: [] }), "CapPrm"), nothing);
});

test(
  "ambient capabilities survive the change of uid, and no other does",
  { skip: needsRoot },
  async () => {
    for (const number of capabilityNames.keys()) {
      if (!hasCapability(number)) continue;
      const status = await procOf("status", { uid: 65534, capabilityAmbient: [number] });
      const mask = (1n << BigInt(number)).toString(16).padStart(16, "0");
      for (const key of ["CapInh", "CapPrm", "CapEff", "CapAmb"])
        assert.equal(statusLine(status, key), mask, capabilityNames[number]);
    }
  },
);

test("no-new-privileges and umask are set only where asked for", async () => {
  const status = await procOf("status", { noNewPrivileges: true, umask: 0o137 });
  assert.equal(statusLine(status, "NoNewPrivs"), "1");
  assert.equal(statusLine(status, "Umask"), "0137");
  const plain = await procOf("status", { noNewPrivileges: false });
  assert.equal(statusLine(plain, "NoNewPrivs"), "0");
  assert.equal(
    statusLine(plain, "Umask"),
    statusLine(readFileSync("/proc/self/status", "latin1"), "Umask"),
  );
});

test("the working directory is the child's, not ours", async () => {
  const before = process.cwd();
  assert.equal(
    (await output(shell("pwd -P", { workingDirectory: "/usr/bin" }))).text,
    "/usr/bin\n",
  );
  assert.equal(process.cwd(), before);
});

const mergedUsr = lstatSync("/bin").isSymbolicLink() && lstatSync("/lib").isSymbolicLink();

test(
  "files and the working directory are seen from inside the root, with the user's own rights",
  { skip: needsRoot === false && !mergedUsr ? "needs a merged /usr to serve as root" : needsRoot },
  async () => {
    const { text } = await output(
      shell("pwd -P; echo /*", { root: "/usr", workingDirectory: "/bin", uid: 65534 }),
    );
    const [directory, top] = text.trim().split("\n");
    assert.equal(directory, "/bin");
    assert.ok(top?.includes("/share") && !top.includes("/usr"), top);
    assert.equal((await output(shell("pwd -P", { root: "/usr" }))).text, "/\n");
  },
);

test("descriptors are exactly those asked for, even where they trade places", async () => {
  const first = pipe();
  const second = pipe();
  const names = [first.write, second.write].map((fd) => readlinkSync(`/proc/self/fd/${fd}`));
  const descriptors = Array<number>(Math.max(first.write, second.write) + 1).fill(-1);
  descriptors[first.write] = second.write;
  descriptors[second.write] = first.write;
  const script = `readlink /proc/self/fd/${second.write} /proc/self/fd/${first.write}; ls /proc/self/fd`;
  const { text } = await output(shell(script, { descriptors }));
  const lines = text.trim().split("\n");
  assert.deepEqual(lines.slice(0, 2), names);
  // ls has its own directory open, in the lowest free number.
  assert.deepEqual(
    lines
      .slice(2)
      .map(Number)
      .sort((a, b) => a - b),
    [0, 1, first.write, second.write].sort((a, b) => a - b),
  );
  for (const fd of [first.read, first.write, second.read, second.write]) kernel.close(fd);
});

test("argv and environment pass as bytes, as entries or as one block", async () => {
  const bytes = Uint8Array.from([0x41, 0x3d, 0xff, 0xfe, 0x80, 0x01]);
  const expected = Buffer.concat([bytes, Buffer.from("\0B=ü\0")]);
  const cat = (file: string) => ({ files: ["/bin/cat"], argv: ["cat", file] });
  const block = new Uint8Array(Buffer.concat([bytes, Buffer.from("\0B=ü")]));
  for (const env of [[bytes, "B=ü"], block, new Uint8Array(expected)]) {
    assert.deepEqual(
      (await output(shell("", { ...cat("/proc/self/environ"), env }))).bytes,
      expected,
    );
  }
  assert.equal((await output(shell("", { ...cat("/proc/self/environ"), env: [] }))).text, "");
  for (const argv of [
    ["cat", "/proc/self/cmdline", "-u", bytes],
    Buffer.concat([Buffer.from("cat\0/proc/self/cmdline\0-u\0"), bytes]),
  ]) {
    const { text, bytes: line } = await output(shell("", { files: ["/bin/cat"], argv }));
    assert.deepEqual(
      line.subarray(0, "cat\0/proc/self/cmdline\0-u\0".length + bytes.length).toString("latin1"),
      `cat\0/proc/self/cmdline\0-u\0${Buffer.from(bytes).toString("latin1")}`,
      text,
    );
  }
});

test("an environment of a megabyte in many entries arrives whole", async () => {
  const env = Array.from({ length: 1000 }, (_, index) => `NAME_${index}=${"x".repeat(1000)}`);
  const { bytes } = await output(
    shell("", { files: ["/bin/cat"], argv: ["cat", "/proc/self/environ"], env }),
  );
  assert.equal(bytes.toString(), env.map((entry) => `${entry}\0`).join(""));
});

test("the first file that can be run is run", async () => {
  const files = ["/nowhere/sh", "/etc/passwd/sh", "/etc/passwd", "/bin/sh"];
  assert.equal((await output(shell("echo ran", { files }))).text, "ran\n");
});

const mounts = readFileSync("/proc/self/mounts", "latin1");
const unified = /^\S+ (\S+) cgroup2 /m.exec(mounts)?.[1];
const first = /^\S+ (\S+) cgroup \S*\bpids\b/m.exec(mounts)?.[1];

/** The lines of the child's /proc/self/cgroup, and the name of the group that it was to be in. */
async function cgroupOfChild(
  hierarchy: string | undefined,
): Promise<{ entries: readonly string[]; name: string }> {
  const directory = mkdtempSync(`${hierarchy}/supervise-sys-`);
  const cgroupFd = kernel.open(directory, constants.O_RDONLY, 0);
  assert.ok(cgroupFd >= 0);
  const entries = (await procOf("cgroup", { cgroupFd })).split("\n");
  kernel.close(cgroupFd);
  rmdirSync(directory);
  return { entries, name: basename(directory) };
}

function cgroupSkip(hierarchy: string | undefined, what: string): string | false {
  if (hierarchy === undefined) return `no ${what}`;
  try {
    rmdirSync(mkdtempSync(`${hierarchy}/supervise-sys-`));
    return false;
  } catch (error) {
    return `no cgroup can be made: ${String(error)}`;
  }
}

test(
  "a child is born in the cgroup that was asked for",
  { skip: cgroupSkip(unified, "cgroup v2") },
  async () => {
    const { entries, name } = await cgroupOfChild(unified);
    assert.ok(entries.includes(`0::/${name}`), entries.join(" "));
  },
);

test(
  "a cgroup that nothing can be born in, one of version 1, is entered by cgroup.procs",
  { skip: cgroupSkip(first, "cgroup v1") },
  async () => {
    const { entries, name } = await cgroupOfChild(first);
    assert.ok(
      entries.some((entry) => entry.endsWith(`pids:/${name}`)),
      entries.join(" "),
    );
  },
);
