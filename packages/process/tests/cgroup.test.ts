import assert from "node:assert/strict";
import { existsSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { killTree, openCgroups, openProc, readStat } from "@supervise/process";
import type { CgroupManager, Proc, ServiceCgroup } from "@supervise/process";
import { createKernel } from "@supervise/sys";
import { atEnd, temporaryDirectory, until } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";

const kernel = createKernel();
const proc = openProc(kernel);
const nothing = openSync("/dev/null", "r+");
const usable = openCgroups(kernel, proc, `probe-${process.pid}`, { delegated: true });
const skip = usable === null ? "no cgroup v2 that we may write to" : false;

function manager(t: TestScope): CgroupManager {
  const cgroups = openCgroups(kernel, proc, `test-${process.pid}`, { delegated: true });
  assert.ok(cgroups);
  atEnd(t, () => assert.equal(cgroups.remove(), true));
  return cgroups;
}

function create(t: TestScope, cgroups: CgroupManager, service: string): ServiceCgroup {
  const cgroup = cgroups.create(service);
  assert.ok("fd" in cgroup, JSON.stringify(cgroup));
  atEnd(t, async () => {
    cgroup.kill();
    await until(
      () => {
        kernel.reap(() => false);
        return cgroup.remove();
      },
      { what: "the cgroup to be removed" },
    );
  });
  return cgroup;
}

function shell(script: string, cgroupFd: number): number {
  const result = kernel.spawn({
    files: ["/bin/sh"],
    argv: ["sh", "-c", script],
    env: ["PATH=/usr/bin:/bin"],
    descriptors: [nothing, nothing, nothing],
    session: "new",
    cgroupFd,
  });
  assert.ok("pid" in result, JSON.stringify(result));
  return result.pid;
}

test("a service starts in its cgroup, and all that it starts is in it", { skip }, async (t) => {
  const cgroups = manager(t);
  const cgroup = create(t, cgroups, "web.1/ä");
  assert.equal(cgroup.path, join(cgroups.path, "web\\x2e1\\x2f\\xc3\\xa4"));
  assert.equal(cgroup.path, cgroups.pathOf("web.1/ä"));
  assert.equal(cgroup.populated(), false);
  const main = shell("setsid sleep 60 & exec sleep 60", cgroup.fd);
  assert.ok(cgroup.procs().includes(main));
  await until(() => cgroup.procs().length, { is: (count) => count === 2, what: "two processes" });
  assert.equal(cgroup.populated(), true);
  assert.equal(cgroup.remove(), false);

  assert.equal(cgroup.kill(), true);
  await until(() => (kernel.reap(() => false), cgroup.populated()), {
    is: (left) => !left,
    what: "an empty cgroup",
  });
  assert.equal(cgroup.remove(), true);
  assert.equal(existsSync(cgroup.path), false);
  assert.equal(cgroup.remove(), true);
});

test(
  "a process that left session and parent is killed with its run's cgroup",
  { skip },
  async (t) => {
    const cgroup = create(t, manager(t), "fleeing");
    const main = shell("env -i setsid sh -c 'sleep 60 & sleep 60 & exit' & exit", cgroup.fd);
    const left = await until(
      () => (
        kernel.reap(() => false),
        cgroup.procs().filter((pid) => readStat(proc, pid)?.comm === "sleep")
      ),
      {
        is: (seen) => seen.length === 2,
        what: "two that are left",
      },
    );
    const killed = killTree(
      { kernel, proc },
      {
        key: "x",
        mainPid: 0,
        session: main,
        startTicks: 0,
        invocationId: "none",
        cgroupPath: cgroup.path,
        knownPids: [],
        pipes: [],
      },
    );
    assert.deepEqual(new Set(killed), new Set(left));
    await until(() => (kernel.reap(() => false), cgroup.populated()), {
      is: (populated) => !populated,
      what: "an empty cgroup",
    });
  },
);

test(
  "a cgroup that a dead supervisor left is taken if it is empty, and reported if it is not",
  { skip },
  async (t) => {
    const cgroups = manager(t);
    const first = create(t, cgroups, "web");
    first.close();
    // What a service made below its own goes with it.
    mkdirSync(join(first.path, "below"));
    const second = create(t, cgroups, "web");
    assert.equal(second.path, first.path);
    const pid = shell("exec sleep 60", second.fd);
    assert.deepEqual(cgroups.create("web"), { kind: "occupied", path: second.path, pids: [pid] });
  },
);

/** A /proc and a cgroup tree made of files. */
function fake(
  t: TestScope,
  cgroup: string,
  mount: (at: string) => string,
): { readonly proc: Proc; readonly at: string } {
  const directory = temporaryDirectory(t);
  const at = join(directory, "cgroup");
  mkdirSync(join(directory, "proc/self"), { recursive: true });
  mkdirSync(at);
  writeFileSync(join(at, "cgroup.procs"), "");
  writeFileSync(join(directory, "proc/self/cgroup"), cgroup);
  writeFileSync(join(directory, "proc/self/mountinfo"), mount(at));
  return { proc: openProc(kernel, join(directory, "proc")), at };
}

const cgroup2 = (root: string) => (at: string) =>
  `22 1 0:5 / /proc rw - proc proc rw\n31 23 0:28 ${root} ${at.replaceAll(" ", "\\040")} rw,nosuid shared:9 master:1 - cgroup2 cgroup2 rw\n`;

test("our own cgroup is found below the mount, whatever part of the hierarchy that shows", (t) => {
  const pathOf = (cgroup: string, root: string, below: string): string | undefined => {
    const { proc: seen, at } = fake(t, cgroup, cgroup2(root));
    mkdirSync(join(at, below), { recursive: true });
    writeFileSync(join(at, below, "cgroup.procs"), "");
    return openCgroups(kernel, seen, "shop", { delegated: true })?.path.slice(at.length);
  };
  assert.equal(pathOf("0::/\n", "/", ""), "/supervise-shop");
  assert.equal(pathOf("4:memory:/x\n0::/a/b\n", "/", "a/b"), "/a/b/supervise-shop");
  assert.equal(pathOf("0::/docker/1f\n", "/docker/1f", ""), "/supervise-shop");
  assert.equal(pathOf("0::/docker/1f/x\n", "/docker/1f", "x"), "/x/supervise-shop");
  assert.equal(pathOf("0::/docker/2e\n", "/docker/1f", ""), undefined);
  assert.equal(pathOf("0::/../2e\n", "/", ""), undefined);
  assert.equal(pathOf("4:memory:/x\n", "/", ""), undefined);
});

test("without cgroup v2, or with a threaded one, there is none", (t) => {
  const v1 = fake(t, "0::/\n", (at) => `31 23 0:28 / ${at} rw - cgroup cgroup rw,memory\n`);
  assert.equal(openCgroups(kernel, v1.proc, "shop", { delegated: true }), null);
  const threaded = fake(t, "0::/\n", cgroup2("/"));
  writeFileSync(join(threaded.at, "cgroup.type"), "threaded\n");
  assert.equal(openCgroups(kernel, threaded.proc, "shop", { delegated: true }), null);
  const domain = fake(t, "0::/\n", cgroup2("/"));
  writeFileSync(join(domain.at, "cgroup.type"), "domain\n");
  assert.ok(openCgroups(kernel, domain.proc, "shop", { delegated: true }));
});

test("under systemd a subtree is ours only where it was delegated", (t) => {
  const { proc: seen, at } = fake(t, "0::/system.slice/x.service\n", cgroup2("/"));
  mkdirSync(join(at, "system.slice/x.service"), { recursive: true });
  writeFileSync(join(at, "system.slice/x.service/cgroup.procs"), "");
  const root = process.geteuid?.() === 0;
  assert.equal(openCgroups(kernel, seen, "shop", { systemdMark: at }) === null, root);
  assert.ok(openCgroups(kernel, seen, "shop", { systemdMark: at, delegated: true }));
  assert.ok(openCgroups(kernel, seen, "shop", { systemdMark: join(at, "none") }));
});
