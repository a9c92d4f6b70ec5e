import { equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { freezableFileSystem, isAlive, readProcess, until } from "@supervise/testkit";
import { project, type Services } from "./harness.js";

/** Sleeps uninterruptibly as soon as it writes to the frozen file system. */
function stuckOn(directory: string): Services {
  return {
    stuck: {
      command: ["sh", "-c", 'echo ready; : > "$1"', "sh", join(directory, "file")],
      ready: { log: "^ready$" },
      stop_grace_period: "100ms",
    },
    database: { command: ["sleep", "60"] },
  };
}

/** Its writer is in state D, and no signal will reach it. */
async function asleep(pid: number): Promise<void> {
  await until(() => readProcess(pid)?.state, { is: (state) => state === "D", what: "state D" });
}

test("a stop names the process that SIGKILL cannot reach, and why says what keeps it", async (t) => {
  const disk = freezableFileSystem(t);
  if (disk === null) return;
  const it = project(t, stuckOn(disk.directory));
  disk.freeze();
  const supervisor = await it.up();
  await supervisor.events.state("stuck", "up");
  const pid = await it.pid("stuck");
  await asleep(pid);
  const stopped = await it.run("stop", "stuck");
  equal(stopped.code, 1);
  match(
    stopped.stderr,
    new RegExp(`stuck: not stopped: .*still running 5 s after SIGKILL \\(pid ${pid}\\)`),
  );
  await supervisor.stdout.match(new RegExp(`still running 5 s after SIGKILL \\(pid ${pid}\\)`));
  match((await it.run("why", "stuck")).stdout, /uninterruptible sleep.*no signal reaches it/);
  disk.thaw();
  await supervisor.events.state("stuck", "down");
  ok(!isAlive(pid));
  equal((await it.run("down")).code, 0);
});

test("a shutdown ends all else, names who is left and does not wait for it", async (t) => {
  const disk = freezableFileSystem(t);
  if (disk === null) return;
  const it = project(t, stuckOn(disk.directory));
  disk.freeze();
  const supervisor = await it.up();
  await supervisor.events.state("stuck", "up");
  await supervisor.events.state("database", "up");
  const pid = await it.pid("stuck");
  await asleep(pid);
  const down = await it.run("down");
  equal(down.code, 1);
  match(down.stderr, new RegExp(`\\(pid ${pid}\\)`));
  const exit = await supervisor.exit();
  equal(exit.code, 1);
  ok(isAlive(pid));
  disk.thaw();
  await until(() => isAlive(pid), { is: (alive) => !alive, what: "the survivor to be gone" });
});
