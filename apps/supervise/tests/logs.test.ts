import { deepEqual, equal, match, ok } from "node:assert/strict";
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture, until } from "@supervise/testkit";
import { finish, gone, kill, project } from "./harness.js";
import { keep, needsInit } from "./keeper-harness.js";

const toFile = (options: Readonly<Record<string, string>> = {}) => ({
  driver: "file",
  options: { path: "logs/web.log", ...options },
});

test("runs are told apart by what ended them, one by one, and every number is there", async (t) => {
  const it = project(t, {
    web: {
      command: ["sh", "-c", "echo up; exit 3"],
      restart: "on-failure:2",
      restart_delay: "0s",
      logging: toFile(),
    },
    stay: { command: ["sleep", "60"] },
  });
  const { events } = await it.up();
  await events.state("web", "failed");
  const { stdout } = await it.run("logs", "web");
  deepEqual(
    stdout.replaceAll(/pid \d+/g, "pid N").split("\n"),
    [1, 2, 3]
      .flatMap((run) => [
        `web = run ${run}, pid N`,
        "web | up",
        `web = run ${run} exited with code 3`,
      ])
      .concat(""),
  );
  equal((await it.run("logs", "--run", "2", "--no-prefix", "web")).stdout, "up\n");
  const verified = await it.run("logs", "--verify", "web");
  equal(verified.stdout, "web: 3 lines in 1 file, numbers 1 to 3: every number is there once\n");
  equal(verified.code, 0);
});

test("runs of one number under two supervisors are two runs", async (t) => {
  const it = project(t, {
    web: {
      type: "oneshot",
      command: ["sh", "-c", "echo hello; printf 'last words'"],
      restart: "no",
      logging: toFile(),
    },
  });
  const lives = [await it.run("up"), await it.run("up")];
  deepEqual(
    lives.map(({ code }) => code),
    [0, 0],
  );
  const pids = (text: string): string[] => [...text.matchAll(/pid \d+/g)].map(([pid]) => pid);
  const [first, second] = pids((await it.run("logs", "web")).stdout);
  deepEqual(pids((await it.run("logs", "--previous", "web")).stdout), [first]);
  deepEqual(pids((await it.run("logs", "--run", "1", "web")).stdout), [second]);
  const { stdout } = await it.run("logs", "--no-prefix", "web");
  equal(stdout, "hello\nlast words\nhello\nlast words\n");
  const chosen = await it.run("logs", "--grep", "hello|last", "web");
  equal(chosen.stdout, "web | hello\nweb | last words\nweb | hello\nweb | last words\n");
});

test("a follower has every line once, over many rotations and compressed files, and ends with the supervisor", async (t) => {
  const it = project(t, {
    web: {
      type: "oneshot",
      command: [
        "sh",
        "-c",
        `until [ -e go ]; do sleep 0.02; done; exec ${fixture("write-lines")} 20000`,
      ],
      logging: toFile({ "max-size": "50k", "max-file": "100" }),
    },
    stay: { command: ["sleep", "60"] },
  });
  const { events } = await it.up();
  await until(() => it.pid("web"), { what: "web" });
  const logs = it.begin(["logs", "-f", "--no-prefix", "web"]);
  await until(
    () => /inotify/.test(readFileSync(`/proc/${logs.pid}/fdinfo/${inotifyOf(logs.pid)}`, "utf8")),
    { what: "the watch" },
  );
  writeFileSync(join(it.directory, "go"), "");
  await events.state("web", "done");
  equal((await it.run("down")).code, 0);
  equal((await finish(logs)).code, 0);
  const lines = logs.stdout.all.filter((line) => line.startsWith("line "));
  deepEqual(
    lines,
    Array.from({ length: 20_000 }, (_, index) => `line ${index + 1}`),
  );
  ok(readdirSync(join(it.directory, "logs")).length > 4);
  // What the follower said is what the files hold, without a supervisor too.
  equal((await it.run("logs", "--no-prefix", "web")).stdout.match(/^line /gm)?.length, 20_000);
  equal((await it.run("logs", "--verify")).code, 0);
});

/** The inotify descriptor of a process. */
function inotifyOf(pid: number): string {
  const found = readdirSync(`/proc/${pid}/fd`).find((fd) => {
    try {
      return readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8").includes("inotify");
    } catch {
      return false;
    }
  });
  return found ?? "0";
}

test("logs -f goes on over the death of a supervisor, waits for the next one and says so", async (t) => {
  const it = project(t, {
    web: { command: ["tail", "-n", "+1", "-f", "say"], logging: toFile() },
  });
  const say = join(it.directory, "say");
  writeFileSync(say, "one\n");
  const first = await it.detach();
  const logs = it.begin(["logs", "-f", "--no-prefix"]);
  await logs.stdout.match(/^one$/);
  kill(first, "SIGKILL");
  await gone(first);
  await logs.stderr.match(/no supervisor runs; going on with the log files/);
  appendFileSync(say, "two\n");
  const second = await it.detach();
  await logs.stderr.match(new RegExp(`a supervisor is there, pid ${second}`));
  appendFileSync(say, "three\n");
  await logs.stdout.match(/^three$/);
  deepEqual(logs.stdout.all, ["one", "two", "three"]);
  equal((await it.run("down")).code, 0);
  equal((await finish(logs)).code, 0);
  const verified = await it.run("logs", "--verify");
  match(verified.stdout, /numbers 1 to 3: every number is there once/);
});

test(
  "logs -f of a file and of memory goes on over a crash under the init",
  { skip: needsInit },
  async (t) => {
    const follow = (name: string): readonly string[] => ["tail", "-n", "+1", "-f", name];
    const it = project(t, {
      web: { command: follow("say"), logging: toFile() },
      ring: { command: follow("tell") },
    });
    writeFileSync(join(it.directory, "say"), "one\n");
    writeFileSync(join(it.directory, "tell"), "uno\n");
    const kept = keep(t, it);
    await until(() => it.pid("ring"), { what: "ring" });
    await until(async () => (await it.run("logs", "--no-prefix")).stdout.split("\n").length, {
      is: (count) => count === 3,
      what: "both lines",
    });
    const logs = it.begin(["logs", "-f", "--no-prefix"]);
    await logs.stdout.match(/^uno$/);
    // What comes now comes from the one supervisor, over a connection that its death will end.
    appendFileSync(join(it.directory, "tell"), "uno e mezzo\n");
    await logs.stdout.match(/^uno e mezzo$/);
    await kept.crash("SIGKILL");
    appendFileSync(join(it.directory, "say"), "two\n");
    appendFileSync(join(it.directory, "tell"), "due\n");
    await logs.stdout.match(/^two$/);
    await logs.stdout.match(/^due$/);
    await logs.stderr.match(/the supervisor is back, pid \d+/);
    deepEqual(logs.stdout.all.toSorted(), ["due", "one", "two", "uno", "uno e mezzo"]);
    equal((await it.run("down")).code, 0);
    equal((await finish(logs)).code, 0);
  },
);

test("lines that the disk did not take come from memory, each once", async (t) => {
  const it = project(t, {
    web: { command: ["tail", "-n", "+1", "-f", "say"], logging: toFile() },
  });
  const say = join(it.directory, "say");
  writeFileSync(say, "one\ntwo\n");
  await it.up();
  await until(async () => (await it.run("logs", "--no-prefix")).stdout, {
    is: (text) => text === "one\ntwo\n",
    what: "both lines",
  });
  // Somebody takes the file away: what it held is in memory alone.
  rmSync(join(it.directory, "logs/web.log"));
  appendFileSync(say, "three\n");
  await until(async () => (await it.run("logs", "--no-prefix")).stdout, {
    is: (text) => text.endsWith("three\n"),
    what: "the last line",
  });
  equal((await it.run("logs", "--no-prefix", "-n", "1")).stdout, "three\n");
});
