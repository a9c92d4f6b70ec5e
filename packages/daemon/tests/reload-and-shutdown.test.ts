import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { start, temporaryDirectory } from "@supervise/testkit";
import type { Started, TestScope } from "@supervise/testkit";
import { shutdownTimedOut } from "@supervise/daemon";
import { fakeSyslogd as fakeManager } from "./fake-syslogd.js";

const program = join(import.meta.dirname, "programs/reload-and-stop.js");

async function daemon(
  t: TestScope,
  words: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Started> {
  const started = start(t, process.execPath, [program, ...words], {
    env: { ...process.env, ...env },
  });
  await started.stdout.match(/^ready$/, { log: () => started.stderr.all.join("\n") });
  return started;
}

test("handlers run in reverse order, and the process ends with 0", async (t) => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const { child, stdout, stderr, exit } = await daemon(t);
    child.kill(signal);
    deepEqual(await exit(), { code: 0, signal: null });
    deepEqual(stdout.all, ["ready", `listener ${signal} true`, "connections", "log closed"]);
    deepEqual(stderr.all, []);
  }
});

test("a handler that fails is told, the others run, and the code is 1", async (t) => {
  const { child, stdout, stderr, exit } = await daemon(t, ["fail"]);
  child.kill("SIGTERM");
  deepEqual(await exit(), { code: 1, signal: null });
  equal(stdout.all.at(-1), "log closed");
  deepEqual(stderr.all, ['cannot shut down "connections": lost']);
});

test("at the deadline the process ends with a code of its own and names what did not end", async (t) => {
  const { child, stderr, exit } = await daemon(t, ["hang", "short"]);
  child.kill("SIGTERM");
  deepEqual(await exit(), { code: shutdownTimedOut, signal: null });
  deepEqual(stderr.all, [
    'cannot shut down within 0.05 s: "connections" has not ended, "log" has not begun',
  ]);
});

test("a second signal ends it at once, as a death by that signal", async (t) => {
  const { child, stdout, stderr, exit } = await daemon(t, ["hang"]);
  child.kill("SIGTERM");
  await stdout.match(/^connections$/);
  child.kill("SIGINT");
  deepEqual(await exit(), { code: 130, signal: null });
  deepEqual(stderr.all, [
    'ended by a second signal (SIGINT): "connections" has not ended, "log" has not begun',
  ]);
});

test("the manager is told of each reload and of the end; signals during a reload are one more reload", async (t) => {
  const path = join(temporaryDirectory(t), "notify");
  const manager = fakeManager(t, path);
  const { child, stdout, exit } = await daemon(t, [], { NOTIFY_SOCKET: path });
  child.kill("SIGHUP");
  await stdout.match(/^reload 1 begins$/);
  // One after the other: the same signals merge, and others may come first where threads take them.
  for (let count = 2; count <= 4; count += 1) {
    child.kill("SIGHUP");
    await stdout.match(new RegExp(`^hang-up ${count}$`));
  }
  child.kill("SIGUSR2");
  await stdout.match(/^reload 2 begins$/);
  child.kill("SIGUSR2");
  await stdout.match(/^reload 2 ends$/);
  child.kill("SIGTERM");
  deepEqual(await exit(), { code: 0, signal: null });
  deepEqual(
    stdout.all.filter((line) => line.startsWith("reload")),
    ["reload 1 begins", "reload 1 ends", "reload 2 begins", "reload 2 ends"],
  );
  const told = (await manager.next(6)).map((text) => text.replace(/\d{4,}/, "N"));
  deepEqual(told, [
    "READY=1",
    "RELOADING=1\nMONOTONIC_USEC=N",
    "READY=1",
    "RELOADING=1\nMONOTONIC_USEC=N",
    "READY=1",
    "STOPPING=1",
  ]);
});

test("a reload that fails is told on one line, and the daemon goes on", async (t) => {
  const { child, stdout, stderr, exit } = await daemon(t, ["bad-reload"]);
  for (const turn of [1, 2]) {
    child.kill("SIGHUP");
    await stdout.match(new RegExp(`^reload ${turn} begins$`));
    child.kill("SIGUSR2");
    await stderr.match(/^cannot reload: line 3: no such key$/);
  }
  child.kill("SIGTERM");
  deepEqual(await exit(), { code: 0, signal: null });
});

test("no reload begins once the shutdown has", async (t) => {
  const { child, stdout, exit } = await daemon(t, ["hang"]);
  child.kill("SIGTERM");
  await stdout.match(/^connections$/);
  child.kill("SIGHUP");
  await stdout.match(/^hang-up 1$/);
  child.kill("SIGTERM");
  deepEqual(await exit(), { code: 143, signal: null });
  deepEqual(
    stdout.all.filter((line) => line.startsWith("reload")),
    [],
  );
});
