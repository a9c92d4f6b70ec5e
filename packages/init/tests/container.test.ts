import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { childrenOf, isAlive, readProcess, temporaryDirectory, until } from "@supervise/testkit";
import type { Started } from "@supervise/testkit";
import { container, containerSkip } from "./container-root.js";
import { CONTEXT } from "./containerfile.js";

const skip = containerSkip();

const built = existsSync(join(CONTEXT, "apps/supervise/dist/image/main.cjs"));
const skipSeveral = skip || (built ? false : "supervise is not built");

const commandLine = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, "latin1");

/** What the shell became once it had set up the root. */
function initOf(running: Started): number {
  const [pid] = childrenOf(running.pid);
  ok(pid !== undefined, running.stderr.all.join("\n"));
  return pid;
}

test("one program: its code is the container's", { skip }, async (t) => {
  const one = container(t, "one");
  for (const code of [0, 7, 255])
    deepEqual(await one.run(["sh", "-c", `exit ${code}`]).exit(), { code, signal: null });
  deepEqual(await one.run(["sh", "-c", "kill -9 $$"]).exit(), { code: 137, signal: null });
  deepEqual(await one.run(["/srv/nothing"]).exit(), { code: 127, signal: null });
});

test("one program: TERM reaches it, then what it left behind", { skip }, async (t) => {
  const running = container(t, "one").run();
  await until(() => running.stdout.all.length === 2, { what: "worker and helper to be ready" });
  process.kill(initOf(running), "SIGTERM");
  equal((await running.exit()).code, 3);
  deepEqual((await running.stdout.rest()).slice(2), ["worker: stopping", "helper: stopping"]);
});

test("one program: an orphan does not stay a zombie", { skip }, async (t) => {
  const script = "(sleep 0 &); echo ready; exec sleep 60";
  const running = container(t, "one").run(["sh", "-c", script]);
  await running.stdout.match(/^ready$/);
  const init = initOf(running);
  // The shell, which stays, becomes the other "sleep".
  await until(() => childrenOf(init).map((pid) => readProcess(pid)?.name), {
    is: (names) => names.length === 1 && names[0] === "sleep",
    what: "the orphan to be collected",
  });
  process.kill(init, "SIGTERM");
  equal((await running.exit()).code, 143);
});

test(
  "several services: they outlive their supervisor on a read-only root",
  { skip: skipSeveral },
  async (t) => {
    const several = container(t, "several");
    const running = several.run([], { readOnly: true });
    await until(() => running.stdout.all.some((line) => line.includes("worker: ready")), {
      what: "the worker to be ready",
      log: () => [...running.stdout.all, ...running.stderr.all].join("\n"),
    });
    const init = initOf(running);
    const find = (name: string): number[] =>
      childrenOf(init).filter((pid) => commandLine(pid).includes(name));
    const services = [...find("/srv/web.mjs"), ...find("/srv/worker.sh")];
    equal(services.length, 2);
    const [supervisor] = find("supervise.js");
    ok(supervisor !== undefined);
    process.kill(supervisor, "SIGKILL");
    await until(() => find("supervise.js").some((pid) => pid !== supervisor), {
      what: "a new supervisor",
    });
    process.kill(init, "SIGTERM");
    equal((await running.exit()).code, 0, running.stderr.all.join("\n"));
    deepEqual(services.filter(isAlive), []);
    // Stopped in order, by their own signal, and each was started only once.
    const said = (await running.stdout.rest()).map((line) => line.replace(/^.*\| /, ""));
    deepEqual(
      said.filter((line) => /^(worker: |listening|closing)/.test(line)),
      ["listening on 8080", "worker: ready", "worker: stopping", "closing"],
    );
  },
);

test(
  "several services: the reason of the end stands where a kubelet looks for it",
  { skip: skipSeveral },
  async (t) => {
    const log = join(temporaryDirectory(t), "log");
    writeFileSync(log, "");
    const running = container(t, "several").run(undefined, { readOnly: true, terminationLog: log });
    await until(() => running.stdout.all.some((line) => line.includes("worker: ready")), {
      what: "the worker to be ready",
      log: () => [...running.stdout.all, ...running.stderr.all].join("\n"),
    });
    process.kill(initOf(running), "SIGTERM");
    equal((await running.exit()).code, 0);
    match(readFileSync(log, "utf8"), /^stopped by SIGTERM/);
  },
);

test("from scratch: two static files are enough", { skip }, async (t) => {
  const scratch = container(t, "scratch");
  const programs = readdirSync(scratch.root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
  deepEqual(programs.toSorted(), ["hello", "supervise-init"]);
  const running = scratch.run(undefined, { readOnly: true });
  match((await running.stdout.next()) ?? "", /^hello: ready as process \d+$/);
  process.kill(initOf(running), "SIGTERM");
  equal((await running.exit()).code, 0);
  deepEqual((await running.stdout.rest()).slice(1), ["hello: stopping"]);
  equal((await scratch.run(["/hello", "42"], { readOnly: true }).exit()).code, 42);
});
