import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { test } from "node:test";
import { fixture, isAlive, readProcess, until } from "@supervise/testkit";
import { finish, project, type Project } from "./harness.js";

const STAY = { command: ["sleep", "60"] };

async function json(it: Project, ...words: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await it.run(...words, "--json");
  equal(code, 0, stderr);
  return JSON.parse(stdout);
}

test("status shows state, process and reason, as a table and as JSON", async (t) => {
  const it = project(t, {
    web: STAY,
    dies: { command: ["sh", "-c", "exit 3"] },
    late: { ...STAY, depends_on: ["slow"] },
    slow: { ...STAY, ready: { log: "never" } },
  });
  const { events } = await it.up();
  await events.state("web", "up");
  await events.state("dies", "failed");
  const { stdout } = await it.run("status");
  const pid = await it.pid("web");
  match(stdout, new RegExp(`^web +up +yes +- +${pid} `, "m"));
  match(stdout, /^dies +failed .*code 3/m);
  match(stdout, /^late +waiting .*"slow" is not ready yet/m);
  const { project: about, services } = (await json(it, "status")) as {
    project: { name: string; pid: number };
    services: readonly { name: string; state: string; pid: number | null }[];
  };
  equal(about.name, "test");
  deepEqual(
    services.map(({ name, state }) => `${name} ${state}`),
    ["web up", "dies failed", "late waiting", "slow starting"],
  );
  equal(services[0]?.pid, pid);
});

test("ps shows every process of a service with what the kernel says of it", async (t) => {
  const it = project(t, {
    twice: { command: [fixture("fork-twice")], ready: { log: "^orphan" } },
    web: STAY,
  });
  const supervisor = await it.up();
  const orphan = Number((await supervisor.stdout.match(/orphan (\d+)/))[1]);
  await supervisor.events.state("twice", "up");
  const main = await it.pid("twice");
  const { processes } = (await json(it, "ps", "twice")) as {
    processes: readonly Record<string, unknown>[];
  };
  deepEqual(new Set(processes.map(({ pid }) => pid)), new Set([main, orphan]));
  for (const row of processes) {
    const entry = readProcess(Number(row["pid"]));
    deepEqual(
      [row["ppid"], row["pgid"], row["sid"], row["uid"], row["tty"]],
      [entry?.ppid, entry?.pgid, entry?.sid, process.getuid?.(), "?"],
    );
    equal(row["main"], row["pid"] === main);
    match(String(row["command"]), /fork-twice/);
  }
  match((await it.run("ps")).stdout, /^SERVICE +UID +PID +PPID +PGID +SID +TTY +STAT +CMD\n/);
});

test("why answers for every state", async (t) => {
  const it = project(t, {
    up: STAY,
    done: { type: "oneshot", command: ["true"] },
    failed: { command: ["false"] },
    backoff: { command: ["false"], restart: "always", restart_delay: "1h" },
    starting: { ...STAY, ready: { log: "never" } },
    waiting: { ...STAY, depends_on: ["starting"] },
    down: STAY,
    stopping: {
      command: [fixture("ignore-term")],
      stop_grace_period: "1h",
      ready: { log: "ready" },
    },
  });
  const { events } = await it.up();
  await Promise.all([
    events.state("failed", "failed"),
    events.state("backoff", "backoff"),
    events.state("done", "done"),
    events.state("stopping", "up"),
    events.state("down", "up"),
  ]);
  equal((await it.run("stop", "down")).code, 0);
  equal((await it.run("stop", "--no-wait", "stopping")).code, 0);
  await events.state("stopping", "stopping");
  for (const name of [
    "up",
    "done",
    "failed",
    "backoff",
    "starting",
    "waiting",
    "down",
    "stopping",
  ]) {
    const { code, stdout } = await it.run("why", name);
    equal(code, 0);
    match(stdout, new RegExp(`^service "${name}" ((is )?(in )?(back-off|${name})): .+\n`), name);
  }
  const { services } = (await json(it, "why", "*")) as {
    services: readonly { name: string; sentences: readonly string[] }[];
  };
  equal(services.length, 8);
  ok(services.every(({ sentences }) => sentences.length > 0));
  equal((await it.run("down", "--now")).code, 0);
});

test("wait returns when its goal is reached, and with 1 when it never will be", async (t) => {
  const it = project(t, {
    stay: STAY,
    late: {
      command: ["sh", "-c", "until [ -e go ]; do sleep 0.02; done; echo here; exec sleep 60"],
      ready: { log: "here" },
    },
    work: { type: "oneshot", command: ["sh", "-c", "until [ -e go ]; do sleep 0.02; done"] },
    dies: { command: ["false"] },
  });
  const { events } = await it.up();
  await events.state("dies", "failed");
  const ready = it.begin(["wait", "late"]);
  const done = it.begin(["wait", "--for", "done", "work"]);
  const soon = await it.run("wait", "--timeout", "1s", "late");
  equal(soon.code, 1);
  match(soon.stderr, /"late" is not ready in time/);
  equal((await it.run("wait", "dies")).code, 1);
  equal((await it.run("exec", "stay", "--", "touch", "go")).code, 0);
  equal((await finish(ready)).code, 0);
  equal((await finish(done)).code, 0);
  equal((await it.run("wait", "--for", "up", "stay")).code, 0);
  equal((await it.run("wait", "--for", "nonsense", "stay")).code, 64);
});

test("wait --ready with a time limit waits for the supervisor too, and takes several names", async (t) => {
  const it = project(t, { stay: STAY, other: STAY });
  rmSync(it.runtimeDirectory, { recursive: true, force: true });
  const waiting = it.begin(["wait", "--ready", "--timeout", "50s", "stay", "other"]);
  // It watches the directory in which that of the supervisor is to be made.
  await until(() => watchesFiles(waiting.pid), { is: (does) => does, what: "the wait to begin" });
  await it.up();
  equal((await finish(waiting)).code, 0);
  equal((await it.run("wait", "--healthy", "--timeout", "50s")).code, 0);
  const both = await it.run("wait", "--ready", "--down");
  equal(both.code, 64);
  match(both.stderr, /cannot wait for both "ready" and "down"/);
  equal((await it.run("down")).code, 0);
  const late = await it.run("wait", "--ready", "--timeout", "1s");
  equal(late.code, 1);
  match(late.stderr, /cannot wait for "ready": no supervisor has come in time/);
  const over = await it.run("wait", "--down", "--timeout", "50s");
  equal(over.code, 1);
  match(over.stderr, /nothing is listening|no such socket/);
});

/** Has the process an inotify descriptor that watches something? */
function watchesFiles(pid: number): boolean {
  return readdirSync(`/proc/${pid}/fdinfo`).some((fd) =>
    readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8").includes("inotify wd:"),
  );
}

test("logs gives the last lines, and follows", async (t) => {
  const it = project(t, {
    web: {
      command: [
        "sh",
        "-c",
        "for n in 1 2 3; do echo line $n; done; until [ -e go ]; do sleep 0.02; done; echo more; exec sleep 60",
      ],
      ready: { log: "line 3" },
    },
  });
  const { events } = await it.up();
  await events.state("web", "up");
  equal((await it.run("logs", "-n", "2", "web")).stdout, "web | line 2\nweb | line 3\n");
  const following = it.begin(["logs", "--follow", "-n", "1", "web"]);
  equal(await following.stdout.next(), "web | line 3");
  equal((await it.run("exec", "web", "--", "touch", "go")).code, 0);
  equal(await following.stdout.next(), "web | more");
  process.kill(following.pid, "SIGINT");
  equal((await finish(following)).code, 130);
});

test("events tells what happened in order, and only of the services that were named", async (t) => {
  const it = project(t, { one: STAY, two: STAY });
  const { events } = await it.up();
  await events.state("two", "up");
  const lines = (await it.run("events", "--json", "one")).stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { seq: number; service: string });
  ok(lines.length > 0);
  ok(lines.every(({ service }) => service === "one"));
  const all = (await it.run("events", "--json")).stdout
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { seq: number }).seq);
  deepEqual(
    all,
    all.map((_, index) => index + (all[0] ?? 0)),
  );
  const following = it.begin(["events", "--follow", "two"]);
  await following.stdout.match(/two is up/);
  equal((await it.run("stop", "two")).code, 0);
  await following.stdout.match(/two is down/);
});

test("start, stop and restart take several names and patterns, and say what came of each", async (t) => {
  const it = project(t, { "web-a": STAY, "web-b": STAY, db: STAY });
  const { events } = await it.up();
  await events.state("db", "up");
  const db = await it.pid("db");
  const stopped = await it.run("stop", "web-*");
  equal(stopped.code, 0);
  deepEqual(stopped.stdout.trim().split("\n").toSorted(), ["web-a: stopped", "web-b: stopped"]);
  match((await it.run("stop", "web-a")).stdout, /web-a: was not running/);
  match((await it.run("start", "web-a", "web-?")).stdout, /web-a: up, pid \d+/);
  match((await it.run("start", "db")).stdout, /db: already up/);
  equal(await it.pid("db"), db);
  equal((await it.run("restart", "db")).code, 0);
  ok((await it.pid("db")) !== db);
  ok(!isAlive(db));
  const { outcomes } = (await json(it, "stop", "db")) as { outcomes: readonly unknown[] };
  deepEqual(outcomes, [{ name: "db", ok: true, message: "stopped", unchanged: false }]);
});

test("signal sends the signal to the main process", async (t) => {
  const it = project(t, {
    web: {
      command: [fixture("report-signals")],
      ready: { log: "ready" },
      stop_grace_period: "50ms",
    },
  });
  const supervisor = await it.up();
  await supervisor.events.state("web", "up");
  for (const [name, number] of [
    ["SIGUSR1", 10],
    ["HUP", 1],
    ["SIGRTMIN+1", 35],
  ] as const) {
    const sent = await it.run("signal", name, "web");
    equal(sent.code, 0, `${name}: ${sent.stderr}`);
    await supervisor.stdout.match(new RegExp(`signal ${number} from`));
  }
  const unknown = await it.run("signal", "SIGNONE", "web");
  ok(unknown.code === 1 || unknown.code === 64);
  match(unknown.stderr, /SIGNONE/);
});

test("exec runs a command in the service's directory with its environment, and passes its exit code on", async (t) => {
  const it = project(t, {
    web: { ...STAY, environment: { ANSWER: "42" }, umask: "077", working_dir: "/" },
  });
  const { events } = await it.up();
  await events.state("web", "up");
  equal(
    (await it.run("exec", "web", "--", "sh", "-c", "echo $ANSWER $(pwd) $(umask)")).stdout,
    "42 / 0077\n",
  );
  equal((await it.run("exec", "web", "--", "sh", "-c", "exit 7")).code, 7);
  equal((await it.run("exec", "web", "--", "sh", "-c", "kill -KILL $$")).code, 137);
  equal((await it.run("exec", "web", "--", "/no/such/command")).code, 127);
  equal((await it.run("exec", "web", "--", "/etc/passwd")).code, 126);
});

test("stop waits and shows nothing but the outcome where there is no terminal", async (t) => {
  const it = project(t, {
    deaf: {
      command: [fixture("ignore-term")],
      ready: { log: "ready" },
      stop_grace_period: "700ms",
    },
  });
  const { events } = await it.up();
  await events.state("deaf", "up");
  const { stdout, stderr } = await it.run("stop", "deaf");
  equal(stdout, "deaf: stopped\n");
  equal(stderr, "");
  await until(async () => (await it.client.service("deaf")).state === "down", {
    what: "it to be down",
  });
});
