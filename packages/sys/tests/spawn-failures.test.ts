import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { openSync, closeSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { errnoName } from "@supervise/sys";
import type { ExecStage, SpawnRequest } from "@supervise/sys";
import { kernel, needsRoot, ownChildren, ownDescriptors, shell } from "./running.js";

/** What is wrong, and the stage and errno that must say so. */
const failures: readonly [
  what: string,
  more: Partial<SpawnRequest>,
  stage: ExecStage,
  errno: string,
][] = [
  [
    "a process group that is not there",
    { session: { processGroup: 4_194_305 } },
    "process group",
    "EPERM",
  ],
  ["a negative process group", { session: { processGroup: -1 } }, "process group", "EINVAL"],
  [
    "a terminal that is none",
    { descriptors: [-1, -1, 2], controllingTerminal: 0 },
    "controlling terminal",
    "EBADF",
  ],
  [
    "a terminal beyond the descriptors",
    { controllingTerminal: 0 },
    "controlling terminal",
    "EINVAL",
  ],
  ["a cgroup that is closed", { cgroupFd: 9999 }, "cgroup", "EBADF"],
  ["a nice value out of range", { nice: 20 }, "nice", "EINVAL"],
  ["a nice value that is not whole", { nice: 0.5 }, "nice", "EINVAL"],
  ["an OOM score out of range", { oomScoreAdj: 1001 }, "oom score", "EINVAL"],
  ["a soft limit above the hard one", { limits: [[7, 20, 10]] }, "limits", "EINVAL"],
  ["a limit that does not exist", { limits: [[99, 1, 1]] }, "limits", "EINVAL"],
  ["a limit below -1", { limits: [[7, -2, 10]] }, "limits", "EINVAL"],
  ["a group that means unchanged", { groups: [4_294_967_295] }, "groups", "EINVAL"],
  ["a gid that means unchanged", { gid: -1 }, "gid", "EINVAL"],
  ["a uid that means unchanged", { uid: 4_294_967_295 }, "uid", "EINVAL"],
  ["a uid that would be cut to root", { uid: 4_294_967_296 }, "uid", "EINVAL"],
  ["a uid that is not a number", { uid: Number.NaN }, "uid", "EINVAL"],
  ["a capability that does not exist", { capabilityAmbient: [63] }, "capabilities", "EINVAL"],
  ["a capability beyond all sets", { capabilityBounding: [64] }, "capabilities", "EINVAL"],
  ["a umask out of range", { umask: 0o1000 }, "umask", "EINVAL"],
  [
    "a working directory that is not there",
    { workingDirectory: "/nowhere" },
    "working directory",
    "ENOENT",
  ],
  [
    "a working directory that is a file",
    { workingDirectory: "/etc/passwd" },
    "working directory",
    "ENOTDIR",
  ],
  ["a descriptor that is not open", { descriptors: [9999] }, "descriptors", "EBADF"],
  [
    "a low descriptor that is not open",
    { descriptors: [-1, 500, ...Array<number>(600).fill(-1)] },
    "descriptors",
    "EBADF",
  ],
  ["a descriptor below -1", { descriptors: [-2] }, "descriptors", "EINVAL"],
  ["a signal that does not exist", { parentDeathSignal: 65 }, "parent death signal", "EINVAL"],
  [
    "a program that is not there",
    { files: ["/nowhere/a", "/etc/passwd/b", "/nowhere/c"] },
    "exec",
    "ENOENT",
  ],
  [
    "a program that may not be run, before one that is not there",
    { files: ["/etc/passwd", "/nowhere"] },
    "exec",
    "EACCES",
  ],
  ["no candidate at all", { files: [] }, "exec", "ENOENT"],
  ["no argument at all", { argv: [] }, "exec", "EINVAL"],
  ["a NUL inside an argument", { argv: ["sh", "-c", "true\0false"] }, "exec", "EINVAL"],
  ["a NUL inside a file name", { files: ["/bin/sh\0x"] }, "exec", "EINVAL"],
  ["a NUL inside an environment entry", { env: ["A=1\0B=2"] }, "exec", "EINVAL"],
  ["a NUL inside a directory", { workingDirectory: "/tmp\0/x" }, "exec", "EINVAL"],
  [
    "arguments larger than the kernel takes",
    { argv: ["sh", "x".repeat(200_000)] },
    "exec",
    "E2BIG",
  ],
];

function fails(request: SpawnRequest, stage: ExecStage, errno: string): void {
  const before = ownDescriptors();
  const result = kernel.spawn(request);
  assert.ok("stage" in result, `spawned ${JSON.stringify(result)}`);
  assert.deepEqual([result.stage, errnoName(result.errno)], [stage, errno]);
  assert.equal(ownChildren(), "", "a child or zombie is left");
  assert.deepEqual(ownDescriptors(), before);
}

for (const [what, more, stage, errno] of failures) {
  test(`${what} fails as ${stage}, ${errno}, and leaves nothing`, () =>
    fails(shell("exit 0", more), stage, errno));
}

test("a terminal that is a file fails as controlling terminal, and a cgroup that is a directory as cgroup", () => {
  const file = openSync("/dev/null", "r");
  const directory = openSync("/", "r");
  fails(
    shell("", { descriptors: [file], controllingTerminal: 0 }),
    "controlling terminal",
    "ENOTTY",
  );
  fails(shell("", { cgroupFd: directory }), "cgroup", "ENOENT");
  closeSync(file);
  closeSync(directory);
});

test("a root that is not there fails as root", { skip: needsRoot }, () => {
  fails(shell("", { root: "/nowhere" }), "root", "ENOENT");
  fails(shell("", { root: "/etc/passwd" }), "root", "ENOTDIR");
});

test("what an ordinary user may not do is refused under its stage", { skip: needsRoot }, () => {
  const fixture = fileURLToPath(new URL("fixtures/unprivileged.js", import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [fixture], { encoding: "utf8" });
  assert.deepEqual(
    JSON.parse(stdout || `"${stderr}"`),
    {
      nice: "nice EACCES",
      oomScoreAdj: "oom score EACCES",
      limits: "limits EPERM",
      groups: "groups EPERM",
      gid: "gid EPERM",
      uid: "uid EPERM",
      root: "root EPERM",
      capabilityBounding: "capabilities EPERM",
      capabilityAmbient: "capabilities EPERM",
      noMoreProcesses: "clone EAGAIN",
    },
    stderr,
  );
});
