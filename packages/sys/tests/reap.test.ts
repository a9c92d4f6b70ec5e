import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { until } from "@supervise/testkit";
import { signalName } from "@supervise/sys";
import type { EndedChild } from "@supervise/sys";
import {
  collected,
  ended,
  kernel,
  output,
  ownChildren,
  pipe,
  readToEnd,
  shell,
  spawnOrFail,
} from "./running.js";

/** For a thousand programs to be started, and to end, on a busy machine; only a hang meets it. */
const STORM_MS = 60_000;

test("every exit code is told", async () => {
  for (let code = 0; code < 256; code++) {
    const child = await collected(spawnOrFail(shell(`exit ${code}`)));
    assert.deepEqual([child.code, child.signal, child.coreDumped], [code, null, false]);
  }
});

test("every signal that ends a process is told", async () => {
  // CHLD, CONT, STOP, TSTP, TTIN, TTOU, URG and WINCH end nothing; the C library keeps 32 and 33.
  const harmless = new Set([17, 18, 19, 20, 21, 22, 23, 28, 32, 33]);
  for (let signal = 1; signal <= 64; signal++) {
    if (harmless.has(signal)) continue;
    const pid = spawnOrFail({
      ...shell(""),
      files: ["/bin/sleep"],
      argv: ["sleep", "60"],
      limits: [[4, 0, 0]],
    });
    assert.equal(kernel.kill(pid, signal), 0);
    const child = await collected(pid);
    assert.deepEqual([child.code, child.signal], [null, signal], signalName(signal));
  }
});

test("the time that a child used is told", async () => {
  const { child } = await output(shell("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"));
  assert.ok(child.userCpuMicros + child.systemCpuMicros > 0);
  assert.ok(child.maxRssBytes > 0);
});

test("nothing to reap is an empty list", () => {
  assert.equal(ownChildren(), "");
  assert.deepEqual(
    kernel.reap(() => false),
    [],
  );
});

test("a child counts until it is collected", async () => {
  assert.equal(kernel.hasChildren(), false);
  const pid = spawnOrFail(shell("exit 0"));
  assert.equal(kernel.hasChildren(), true);
  await until(() => readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z "), {
    what: "the end of the child",
  });
  assert.equal(kernel.hasChildren(), true);
  await collected(pid);
  assert.equal(kernel.hasChildren(), false);
});

test("a zombie behind an exempt one is collected, and the exempt one stays", async () => {
  const exempt = spawnOrFail(shell("exit 3"));
  await ended(exempt);
  const others = [spawnOrFail(shell("exit 4")), spawnOrFail(shell("exit 5"))];
  for (const pid of others) await ended(pid);
  const found = kernel.reap((pid) => pid === exempt);
  assert.deepEqual(
    found.map((child) => [child.pid, child.code]),
    others.map((pid, index) => [pid, 4 + index]),
  );
  assert.equal(ownChildren(), String(exempt));
  assert.deepEqual(
    kernel.reap(() => false).map((child) => child.pid),
    [exempt],
  );
});

test("1,000 orphans are collected, while 20 commands of child_process all get their exit event", async (t) => {
  assert.equal(kernel.setSubreaper(true), 0);
  const libuv = new Set<number>();
  const reaped: EndedChild[] = [];
  const reapAll = (): void => {
    let exempted = false;
    reaped.push(
      ...kernel.reap((pid) => {
        exempted ||= libuv.has(pid);
        return libuv.has(pid);
      }),
    );
    if (exempted) setImmediate(reapAll);
  };
  process.on("SIGCHLD", reapAll);
  t.after(() => {
    process.off("SIGCHLD", reapAll);
    kernel.setSubreaper(false);
  });
  // Each cat waits for the end of the pipe, so that all end at once, after their parent.
  const gate = pipe();
  const names = pipe();
  kernel.setNonBlocking(gate.read, false);
  const script = "i=0; while [ $i -lt 1000 ]; do cat <&3 & echo $!; i=$((i+1)); done";
  const parent = spawnOrFail(shell(script, { descriptors: [-1, names.write, -1, gate.read] }));
  kernel.close(names.write);
  const commands = Array.from({ length: 20 }, (_, code) => {
    const child = spawn("/bin/sh", ["-c", `read line; exit ${code}`], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    assert.ok(child.pid !== undefined);
    libuv.add(child.pid);
    return child;
  });
  const exits = commands.map((child) => once(child, "exit"));
  await until(() => reaped.some((child) => child.pid === parent), {
    what: "the parent's end",
    deadlineMs: STORM_MS,
  });
  const heard = readToEnd(names.read);
  kernel.close(gate.read);
  kernel.close(gate.write);
  for (const child of commands) child.stdin.end();
  assert.deepEqual(
    (await Promise.all(exits)).map(([code]) => code as number),
    commands.map((_, code) => code),
  );
  const orphans = (await heard).toString().trim().split("\n").map(Number);
  assert.equal(orphans.length, 1000);
  await until(() => reaped.length, {
    what: "all orphans",
    is: (count) => count === 1001,
    deadlineMs: STORM_MS,
  });
  assert.deepEqual(new Set(reaped.map((child) => child.pid)), new Set([parent, ...orphans]));
  assert.equal(ownChildren(), "");
});

test("the parent-death signal reaches the child when its parent is killed", async (t) => {
  assert.equal(kernel.setSubreaper(true), 0);
  t.after(() => kernel.setSubreaper(false));
  const fixture = new URL("fixtures/spawn-and-wait.js", import.meta.url);
  const { read, write } = pipe();
  const node = spawnOrFail({
    files: [process.execPath],
    argv: ["node", fixture.pathname],
    env: Object.entries(process.env).map(([key, value]) => `${key}=${value}`),
    descriptors: [-1, write, 2],
    session: "new",
  });
  kernel.close(write);
  const line = new Uint8Array(32);
  await until(() => kernel.read(read, line, 0, line.length) > 0, { what: "the fixture's line" });
  const child = Number.parseInt(Buffer.from(line).toString(), 10);
  // A little later than its maker goes on, the kernel has its words.
  await until(() => readFileSync(`/proc/${child}/cmdline`, "latin1").startsWith("sleep"), {
    what: "the child to be sleep",
  });
  kernel.kill(node, 9);
  await collected(node);
  assert.equal((await collected(child)).signal, 10);
  kernel.close(read);
});
