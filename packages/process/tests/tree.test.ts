import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { openSync } from "node:fs";
import { after, before, test } from "node:test";
import { Worker } from "node:worker_threads";
import {
  childrenOf,
  classify,
  findTree,
  killTree,
  killTrees,
  openProc,
  processTable,
  readInvocationId,
  readStat,
  signalProved,
  unknownChildren,
  ownChildren,
  isLive,
} from "@supervise/process";
import type { RunTree } from "@supervise/process";
import { createKernel } from "@supervise/sys";
import { assertNoChildren, fixture, until } from "@supervise/testkit";
import type { FixtureName } from "@supervise/testkit";

const kernel = createKernel();
const proc = openProc(kernel);
const port = { kernel, proc };
const nothing = openSync("/dev/null", "r+");

before(() => assert.equal(kernel.setSubreaper(true), 0));
after(() => assertNoChildren());

/** Starts a program as a service is started, without its output. */
function run(file: string, argv: readonly string[], env: readonly string[] = []): RunTree {
  const invocationId = randomBytes(16).toString("hex");
  const result = kernel.spawn({
    files: [file],
    argv,
    env: ["PATH=/usr/bin:/bin", `INVOCATION_ID=${invocationId}`, ...env],
    descriptors: [nothing, nothing, nothing],
    session: "new",
  });
  assert.ok("pid" in result, JSON.stringify(result));
  const stat = readStat(proc, result.pid);
  assert.ok(stat);
  return {
    key: invocationId,
    mainPid: result.pid,
    session: result.pid,
    startTicks: stat.startTicks,
    invocationId,
    cgroupPath: null,
    knownPids: [],
    pipes: [],
  };
}

function runFixture(name: FixtureName, env: readonly string[] = []): RunTree {
  return run(fixture(name), [name], env);
}

function shell(script: string): RunTree {
  return run("/bin/sh", ["sh", "-c", script]);
}

function members(tree: RunTree): readonly number[] {
  return findTree(proc, tree).map((stat) => stat.pid);
}

/** Collects until a look at the runs shows nobody any more. */
async function gone(...trees: readonly RunTree[]): Promise<void> {
  await until(
    () => {
      kernel.reap(() => false);
      return trees.flatMap((tree) => members(tree));
    },
    { is: (left) => left.length === 0, what: "the end of the trees" },
  );
  await until(
    () => {
      kernel.reap(() => false);
      return ownChildren(proc);
    },
    { is: (left) => left.length === 0, what: "the last child to be collected" },
  );
}

async function collect(pid: number): Promise<void> {
  await until(() => kernel.reap((other) => other !== pid).length > 0, {
    what: `the end of ${pid}`,
  });
}

test("a tree is its main process and all that descend from it", async () => {
  const tree = shell("sleep 60 & sh -c 'sleep 60; true' & wait");
  const pids = await until(() => members(tree), {
    is: (seen) => seen.length === 4,
    what: "4 processes",
  });
  assert.equal(pids[0], tree.mainPid);
  assert.deepEqual(new Set(killTree(port, tree)), new Set(pids));
  await gone(tree);
});

test("a process that left the session by a double fork is found by its INVOCATION_ID", async () => {
  const tree = runFixture("fork-twice");
  const orphan = await until(
    () =>
      ownChildren(proc).find(
        (pid) =>
          pid !== tree.mainPid && readStat(proc, pid)?.session !== tree.session && isOrphan(pid),
      ),
    { what: "the orphan" },
  );
  // The middle process is collected, and does not become ours when its parent ends.
  await until(() => childrenOf(proc, tree.mainPid), {
    is: (children) => children.length === 0,
    what: "the middle process to be collected",
  });
  assert.equal(readInvocationId(proc, orphan), tree.invocationId);
  assert.deepEqual(new Set(members(tree)), new Set([tree.mainPid, orphan]));

  // Also after its main process has ended and been collected.
  kernel.kill(tree.mainPid, 9);
  await collect(tree.mainPid);
  assert.deepEqual(members(tree), [orphan]);
  assert.deepEqual(
    unknownChildren(proc, () => false),
    [orphan],
  );
  assert.deepEqual(killTree(port, tree), [orphan]);
  await gone(tree);
});

function isOrphan(pid: number): boolean {
  const stat = readStat(proc, pid);
  return stat !== null && isLive(stat) && stat.ppid === proc.self;
}

test("an orphan without the variable is known by the pipe it holds, else by nothing", async () => {
  const pipe = kernel.pipe();
  assert.ok(typeof pipe !== "number");
  const inode = Number(/\d+/.exec(proc.link(`self/fd/${pipe.write}`) ?? "")?.[0]);
  const result = kernel.spawn({
    files: ["/bin/sh"],
    argv: ["sh", "-c", "env -i setsid sleep 60 & true"],
    env: ["PATH=/usr/bin:/bin"],
    descriptors: [nothing, pipe.write, nothing],
    session: "new",
  });
  assert.ok("pid" in result);
  await collect(result.pid);
  const orphan = await until(
    () => ownChildren(proc).find((pid) => readStat(proc, pid)?.comm === "sleep"),
    { what: "the orphan" },
  );
  const tree: RunTree = {
    key: "a",
    mainPid: 0,
    session: result.pid,
    startTicks: 0,
    invocationId: "none",
    cgroupPath: null,
    knownPids: [],
    pipes: [],
  };
  const blind = classify(proc, processTable(proc), [tree]);
  assert.deepEqual(blind.members.get("a"), []);
  assert.deepEqual(
    blind.unattributed.map((stat) => stat.pid),
    [orphan],
  );
  assert.deepEqual(
    classify(proc, processTable(proc), [tree], { exempt: (pid) => pid === orphan }).unattributed,
    [],
  );
  const seeing = { ...tree, pipes: [inode] };
  assert.deepEqual(members(seeing), [orphan]);
  assert.deepEqual(killTree(port, seeing), [orphan]);
  await gone(seeing);
  kernel.close(pipe.read);
  kernel.close(pipe.write);
});

test("one snapshot tells the processes of many runs apart", async () => {
  const trees = Array.from({ length: 8 }, () => shell("sleep 60 & wait"));
  await until(() => trees.map((tree) => members(tree).length), {
    is: (counts) => counts.every((count) => count === 2),
    what: "two each",
  });
  const { members: found, unattributed } = classify(proc, processTable(proc), trees);
  const all = [...found.values()].flat().map((stat) => stat.pid);
  assert.equal(new Set(all).size, 16);
  for (const tree of trees) assert.equal(found.get(tree.key)?.[0]?.pid, tree.mainPid);
  assert.deepEqual(unattributed, []);
  // Killing one leaves the others alone.
  const [first, ...others] = trees;
  assert.ok(first);
  killTree(port, first);
  await collect(first.mainPid);
  for (const tree of others) assert.equal(members(tree).length, 2);
  killTrees(port, trees);
  await gone(...trees);
});

test("a tree that forks new sessions without end is killed whole", async () => {
  const tree = runFixture("fork-forever", ["FORK_LIMIT=2000"]);
  await until(() => members(tree).length > 20, { what: "a growing tree" });
  const killed = killTree(port, tree);
  assert.ok(killed.length > 20);
  await gone(tree);
});

test("a tree whose last process forks and exits over and over does not flee from SIGKILL", async () => {
  const tree = runFixture("fork-away");
  await until(
    () => {
      kernel.reap((pid) => pid === tree.mainPid);
      return ownChildren(proc).length > 1;
    },
    { what: "the flight" },
  );
  killTree(port, tree);
  await gone(tree);
});

test("a signal goes to the process of that start time and to no other of its number", async () => {
  const tree = shell("exec sleep 60");
  assert.equal(
    signalProved(port, { pid: tree.mainPid, startTicks: tree.startTicks - 1 }, 9),
    false,
  );
  assert.equal(members(tree).length, 1);
  assert.equal(signalProved(port, { pid: tree.mainPid, startTicks: tree.startTicks }, 9), true);
  await gone(tree);
  assert.equal(signalProved(port, { pid: tree.mainPid, startTicks: tree.startTicks }, 9), false);
});

test("a session whose number was given out again is not the run's", async () => {
  const tree = shell("sleep 60 & wait");
  await until(() => members(tree).length === 2, { what: "two processes" });
  const other = { ...tree, invocationId: "another" };
  assert.deepEqual(members({ ...other, startTicks: tree.startTicks - 1 }), []);
  assert.deepEqual(members({ ...other, startTicks: 0, mainPid: 0 }), []);
  assert.equal(members({ ...other, startTicks: 0 }).length, 2);
  killTree(port, tree);
  await gone(tree);
});

test("what is older than the run is not of the run, though numbers agree", async () => {
  const tree = shell("exec sleep 60");
  assert.deepEqual(members({ ...tree, startTicks: tree.startTicks + 1 }), []);
  killTree(port, tree);
  await gone(tree);
});

test("after an exit only unknown children are named, zombies included", async () => {
  const known = shell("exec sleep 60");
  const tree = shell("sleep 60 & exit 3");
  await until(() => readStat(proc, tree.mainPid)?.state === "Z", { what: "the exit" });
  const isKnown = (pid: number): boolean => pid === known.mainPid;
  assert.ok(unknownChildren(proc, isKnown).includes(tree.mainPid));
  await collect(tree.mainPid);
  const [left, ...more] = unknownChildren(proc, isKnown);
  assert.deepEqual(more, []);
  assert.equal(readStat(proc, left ?? 0)?.session, tree.session);
  killTrees(port, [tree, known]);
  await gone(tree, known);
  assert.deepEqual(
    unknownChildren(proc, () => false),
    [],
  );
});

test("orphans hang on the first thread, whatever threads there are, so that its list is all", async () => {
  const worker = new Worker("setInterval(() => {}, 1_000_000)", { eval: true });
  await once(worker, "online");
  const trees = Array.from({ length: 5 }, () => runFixture("fork-twice"));
  const own = await until(() => ownChildren(proc), {
    is: (children) => children.length === 10,
    what: "five main processes and five orphans",
  });
  assert.deepEqual(new Set(childrenOf(proc, proc.self)), new Set(own));
  killTrees(port, trees);
  await gone(...trees);
  await worker.terminate();
});
