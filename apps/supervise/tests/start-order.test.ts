import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { fixture } from "@supervise/testkit";
import { finish, project, type Events } from "./harness.js";

const STAY = { command: ["sleep", "60"] };

/** Place of the first event of this state; "spawned": of the first that has a process. */
function position(events: Events, name: string, state: string): number {
  const found = events.all.findIndex(
    (entry) =>
      entry.service === name &&
      (entry.state === state || (state === "spawned" && entry.pid !== null)),
  );
  ok(found >= 0, `${name} was never ${state}`);
  return found;
}

test("a service starts once each dependency has met its condition", async (t) => {
  const it = project(t, {
    last: {
      ...STAY,
      depends_on: {
        plain: { condition: "service_started" },
        sound: { condition: "service_healthy" },
        work: { condition: "service_completed_successfully" },
      },
    },
    plain: { command: [fixture("notify-ready")], ready: { notify: true } },
    sound: {
      ...STAY,
      healthcheck: { test: ["CMD", "true"], interval: "50ms", start_interval: "20ms" },
    },
    work: { type: "oneshot", command: ["true"] },
  });
  const { events } = await it.up();
  await events.state("last", "up");
  const begun = position(events, "last", "spawned");
  ok(position(events, "plain", "up") < begun);
  ok(position(events, "work", "done") < begun);
  const healthy = events.all.findIndex(
    (entry) =>
      entry.service === "sound" && entry.kind === "health" && /healthy/.test(entry.message),
  );
  ok(healthy >= 0 && healthy < begun);
});

test("services that need nothing of each other are spawned before any of them is ready", async (t) => {
  const it = project(t, {
    first: {
      command: ["sh", "-c", "until [ -e go ]; do sleep 0.01; done; echo here; exec sleep 60"],
      ready: { log: "here" },
    },
    second: { command: ["sh", "-c", "touch go; echo here; exec sleep 60"], ready: { log: "here" } },
  });
  // Were "second" started only after "first" is ready, neither would ever be.
  const { events } = await it.up();
  await events.state("first", "up");
  await events.state("second", "up");
  ok(position(events, "second", "spawned") < position(events, "first", "up"));
});

test("a stop goes from the dependents to what they depend on", async (t) => {
  const it = project(t, {
    base: STAY,
    middle: { ...STAY, depends_on: ["base"] },
    top: { ...STAY, depends_on: ["middle"] },
  });
  const supervisor = await it.up();
  await supervisor.events.state("top", "up");
  const down = await it.run("down");
  equal(down.code, 0, down.stderr);
  equal((await supervisor.exit()).code, 0);
  // The last of what it has told is read after its end perhaps.
  await supervisor.events.state("base", "down");
  const order = supervisor.events.all
    .filter(({ state }) => state === "stopping" || state === "down")
    .map(({ service, state }) => `${service} ${state}`);
  deepEqual(
    [...new Set(order)],
    ["top stopping", "top down", "middle stopping", "middle down", "base stopping", "base down"],
  );
});

test("a service whose dependency has failed does not start, and says so", async (t) => {
  const it = project(t, {
    work: { type: "oneshot", command: ["sh", "-c", "exit 3"] },
    after: { ...STAY, depends_on: { work: { condition: "service_completed_successfully" } } },
    other: STAY,
  });
  const { events } = await it.up();
  await events.state("after", "failed");
  const why = await it.run("why", "after");
  ok(/"?work"?.*(exit|code) ?(code)? ?3|work/.test(why.stdout), why.stdout);
  equal((await it.client.service("after")).run, 0);
  equal((await it.client.service("other")).state, "up");
});

test("up with names starts these and what they depend on, no more", async (t) => {
  const it = project(t, { base: STAY, wanted: { ...STAY, depends_on: ["base"] }, other: STAY });
  const { events } = await it.up({ words: ["wanted"] });
  await events.state("wanted", "up");
  equal((await it.client.service("base")).state, "up");
  equal((await it.client.service("other")).state, "down");
});

test("up ends with 0 once every oneshot is done, with 1 where one failed", async (t) => {
  const it = project(t, {
    one: { type: "oneshot", command: ["true"] },
    two: {
      type: "oneshot",
      command: ["true"],
      depends_on: { one: { condition: "service_completed_successfully" } },
    },
  });
  equal((await finish(it.begin(["up"]))).code, 0);
  it.write({ one: { type: "oneshot", command: ["false"] } });
  equal((await finish(it.begin(["up"]))).code, 1);
});
