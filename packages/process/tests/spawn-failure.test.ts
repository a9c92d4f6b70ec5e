import assert from "node:assert/strict";
import { chmodSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ProcessSpec, ServiceSpec, SpawnFailure } from "@supervise/model";
import {
  createPlanContext,
  describeSpawnFailure,
  finishPlan,
  openProc,
  originalOpenFiles,
  planSpawn,
} from "@supervise/process";
import type { SpawnPlan } from "@supervise/process";
import { createKernel } from "@supervise/sys";
import type { ExecStage } from "@supervise/sys";
import { plainProcess, temporaryDirectory, until } from "@supervise/testkit";

const kernel = createKernel();
const proc = openProc(kernel);
const nothing = openSync("/dev/null", "r+");
const context = createPlanContext(kernel, proc, {
  dropVariables: [],
  openFiles: originalOpenFiles(proc),
});

function planOf(changes: Partial<ProcessSpec>): SpawnPlan {
  const process: ProcessSpec = {
    command: { words: ["true"] },
    ...plainProcess,
    ...changes,
  };
  const plan = planSpawn({ name: "x", process } as ServiceSpec, context);
  assert.equal(plan.kind, "plan");
  return plan;
}

function failureOf(changes: Partial<ProcessSpec>): SpawnFailure {
  const plan = planOf(changes);
  const result = kernel.spawn(
    finishPlan(plan, { descriptors: [nothing, nothing, nothing], environment: [] }),
  );
  assert.ok("stage" in result, JSON.stringify(result));
  return describeSpawnFailure(result, plan);
}

const said = (changes: Partial<ProcessSpec>): string => {
  const { stage, errno, transient } = failureOf(changes);
  assert.equal(transient, false);
  return `${stage} (${errno})`;
};
const command = (...words: readonly string[]) => ({ command: { words } });

test("a directory that is not there, or is none, is named", () => {
  assert.equal(
    said({ workingDirectory: "/srv/none" }),
    'changing to directory "/srv/none": no such directory (ENOENT)',
  );
  assert.equal(
    said({ workingDirectory: "/dev/null" }),
    'changing to directory "/dev/null": not a directory (ENOTDIR)',
  );
  assert.equal(
    said({ rootDirectory: "/srv/none" }),
    'changing to root directory "/srv/none": no such directory (ENOENT)',
  );
});

test("a command that is not found says which PATH was searched", () => {
  assert.equal(
    said({ ...command("no-such-command"), environment: { PATH: "/usr/bin:/bin" } }),
    'executing "no-such-command": command not found in PATH "/usr/bin:/bin" (ENOENT)',
  );
  assert.equal(said(command("/no/such")), 'executing "/no/such": no such file (ENOENT)');
});

test("a file that cannot be executed says why", (t) => {
  const directory = temporaryDirectory(t);
  const file = join(directory, "program");
  const run = (content: string, mode: number): string => {
    writeFileSync(file, content);
    chmodSync(file, mode);
    return said({ ...command("./program"), workingDirectory: directory });
  };
  assert.equal(run("#!/bin/sh\n", 0o644), `executing "${file}": not executable (EACCES)`);
  assert.equal(
    run("#! /no/such/interpreter -x\n", 0o755),
    `executing "${file}": its interpreter "/no/such/interpreter" is not there (ENOENT)`,
  );
  assert.equal(
    run("#!/bin/sh\r\n", 0o755),
    `executing "${file}": its interpreter "/bin/sh" is not there (the line ends with a carriage return) (ENOENT)`,
  );
  assert.equal(
    run("\0\0\0", 0o755),
    `executing "${file}": not a program that this machine can run (ENOEXEC)`,
  );
  mkdirSync(join(directory, "folder"));
  assert.equal(
    said(command(join(directory, "folder"))),
    `executing "${join(directory, "folder")}": it is a directory (EACCES)`,
  );
  // Found in PATH, but only the one that cannot be executed.
  writeFileSync(file, "#!/bin/sh\n");
  chmodSync(file, 0o644);
  assert.equal(
    said({ ...command("program"), environment: { PATH: `/none:${directory}` } }),
    `executing "${file}": not executable (EACCES)`,
  );
});

test("what passes by itself is told apart from what does not", () => {
  const plan = planOf({});
  const transient = (stage: ExecStage, errno: number): boolean =>
    describeSpawnFailure({ stage, errno }, plan).transient;
  for (const errno of [11, 12, 23, 24, 26])
    assert.equal(transient("clone", errno), true, String(errno));
  for (const errno of [1, 2, 8, 13, 20, 22])
    assert.equal(transient("exec", errno), false, String(errno));
  assert.equal(describeSpawnFailure({ stage: "clone", errno: 11 }, plan).errno, "EAGAIN");
});

test("a service sees the environment, directory and limit that its plan says", async (t) => {
  const directory = temporaryDirectory(t);
  const plan = planOf({
    command: { words: ["sh", "-c", 'echo "$ID|$PWD|$(ulimit -Sn)|$INVOCATION_ID" > out'] },
    workingDirectory: directory,
    environment: { ID: "ä" },
  });
  const result = kernel.spawn(
    finishPlan(plan, {
      descriptors: [nothing, nothing, nothing],
      environment: ["INVOCATION_ID=1f"],
    }),
  );
  assert.ok("pid" in result);
  await until(() => kernel.reap((pid) => pid !== result.pid).length > 0, {
    what: "the end of the shell",
  });
  const soft = originalOpenFiles(proc)?.soft;
  assert.equal(readFileSync(join(directory, "out"), "utf8"), `ä|${directory}|${soft}|1f\n`);
});
