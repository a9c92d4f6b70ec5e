import { equal, match, ok } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture } from "@supervise/testkit";
import { identity, project, type Events } from "./harness.js";

const STAY = { command: ["sleep", "60"] };

function runsOf(events: Events, name: string): number {
  return new Set(
    events.all
      .filter((entry) => entry.service === name && entry.state === "up")
      .map(({ run }) => run),
  ).size;
}

test("the policy decides what follows the end of a run", async (t) => {
  const again = { restart_delay: "0s" };
  const it = project(t, {
    stay: STAY,
    "no-ok": { command: ["true"], restart: "no" },
    "no-bad": { command: ["false"], restart: "no" },
    "failure-ok": { command: ["true"], restart: "on-failure", ...again },
    "failure-bad": {
      command: ["sh", "-c", "[ -e mended ] && exec sleep 60; touch mended; exit 1"],
      restart: "on-failure",
      ...again,
    },
    "always-ok": {
      command: ["sh", "-c", "[ -e second ] && exec sleep 60; touch second; exit 0"],
      restart: "always",
      ...again,
    },
    killed: {
      command: ["sh", "-c", "[ -e killed ] && exec sleep 60; touch killed; kill -KILL $$"],
      restart: "on-failure",
      ...again,
    },
  });
  const { events } = await it.up();
  const up = (name: string) =>
    events.find(
      `run 2 of ${name}`,
      (entry) => entry.service === name && entry.state === "up" && entry.run === 2,
    );
  await Promise.all([up("failure-bad"), up("always-ok"), up("killed")]);
  await events.find(
    "no-ok to be over",
    (entry) => entry.service === "no-ok" && (entry.state === "done" || entry.state === "down"),
  );
  await events.state("no-bad", "failed");
  await events.find(
    "failure-ok to be over",
    (entry) => entry.service === "failure-ok" && (entry.state === "done" || entry.state === "down"),
  );
  for (const name of ["no-ok", "no-bad", "failure-ok"])
    equal((await it.client.service(name)).run, 1, name);
  equal((await it.client.service("killed")).restarts, 1);
});

test("a service that crashes again and again waits longer each time", async (t) => {
  const it = project(t, {
    dies: {
      command: ["false"],
      restart: "always",
      restart_delay: { initial: "20ms", factor: 3, max: "200ms", jitter: 0 },
    },
  });
  const { events } = await it.up();
  await events.find("the fifth run", (entry) => entry.service === "dies" && entry.run === 5);
  const waits = events.all
    .filter(({ state }) => state === "backoff")
    .map(({ message }) => /again in (.+)$/.exec(message)?.[1]);
  equal(waits.slice(0, 4).join(", "), "20 ms, 60 ms, 180 ms, 200 ms");
});

test("a restart limit ends in failed, and why says how many runs and how the last one ended", async (t) => {
  const it = project(t, {
    stay: STAY,
    dies: {
      command: [fixture("crash"), "11"],
      restart: "always",
      restart_delay: "0s",
      restart_limit: { count: 3, window: "1m" },
    },
  });
  const { events } = await it.up();
  await events.state("dies", "failed");
  equal(runsOf(events, "dies"), 4);
  const why = await it.run("why", "dies");
  match(why.stdout, /limit of 3/);
  match(why.stdout, /SIGSEGV/);
  equal((await it.client.service("stay")).state, "up");
});

test("on-failure:N restarts N times in a row and then gives up", async (t) => {
  const it = project(t, {
    stay: STAY,
    dies: { command: [fixture("exit-with"), "7"], restart: "on-failure:2", restart_delay: "0s" },
  });
  const { events } = await it.up();
  await events.state("dies", "failed");
  equal((await it.client.service("dies")).run, 3);
  match((await it.run("why", "dies")).stdout, /\b7\b/);
});

test("start gives a failed service a new chance", async (t) => {
  const it = project(t, {
    stay: STAY,
    dies: {
      command: ["sh", "-c", "[ -e mended ] || exit 1; echo here; exec sleep 60"],
      ready: { log: "^here$" },
    },
  });
  const { events } = await it.up();
  await events.state("dies", "failed");
  const refused = await it.run("start", "dies");
  equal(refused.code, 1);
  match(refused.stderr, /^supervise: dies: .*code 1/);
  writeFileSync(join(it.directory, "mended"), "");
  equal((await it.run("start", "dies")).code, 0);
  equal((await it.client.service("dies")).state, "up");
});

test("a killed main process is run anew, and no other service notices", async (t) => {
  const it = project(t, {
    before: STAY,
    web: { ...STAY, restart: "always", restart_delay: "0s", depends_on: ["before"] },
    after: { ...STAY, depends_on: ["web"] },
  });
  const { events } = await it.up();
  const { seq } = await events.state("after", "up");
  const others = [identity(await it.pid("before")), identity(await it.pid("after"))];
  const first = await it.pid("web");
  process.kill(first, "SIGKILL");
  await events.state("web", "up", seq);
  const second = await it.pid("web");
  ok(second !== first);
  const status = await it.client.service("web");
  equal(status.run, 2);
  match(status.lastExit?.text ?? "", /SIGKILL/);
  equal([identity(await it.pid("before")), identity(await it.pid("after"))].join(), others.join());
});

test("every exit code and signal of a run is told as it was", async (t) => {
  const codes = [0, 1, 2, 42, 126, 127, 128, 137, 254, 255];
  const signals = ["HUP", "INT", "QUIT", "ABRT", "KILL", "SEGV", "PIPE", "TERM", "USR1", "ALRM"];
  const it = project(t, {
    stay: STAY,
    ...Object.fromEntries(
      codes.map((code) => [`code-${code}`, { command: [fixture("exit-with"), String(code)] }]),
    ),
    ...Object.fromEntries(
      signals.map((name) => [
        `signal-${name}`,
        { command: ["sh", "-c", `ulimit -c 0; kill -${name} $$`] },
      ]),
    ),
  });
  const { events } = await it.up();
  const ended = (name: string) =>
    events.find(`the end of ${name}`, (entry) => entry.kind === "exit" && entry.service === name);
  for (const code of codes) {
    await ended(`code-${code}`);
    const status = (await it.client.service(`code-${code}`)).lastExit?.status;
    equal(status?.kind === "code" ? status.code : status, code);
  }
  for (const name of signals) {
    await ended(`signal-${name}`);
    const status = (await it.client.service(`signal-${name}`)).lastExit?.status;
    equal(status?.kind === "signal" ? status.signal : JSON.stringify(status), `SIG${name}`);
  }
});
