import { doesNotMatch, equal, match, ok } from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "@supervise/testkit";
import { identity, project } from "./harness.js";

const STAY = { command: ["sleep", "60"] };
const CHECK = {
  test: ["CMD", "test", "-e", "well"],
  interval: "20ms",
  start_interval: "20ms",
  timeout: "5s",
  retries: 2,
};

test("what depends on health waits for it", async (t) => {
  const it = project(t, {
    db: { ...STAY, healthcheck: { ...CHECK, start_period: "1h" } },
    web: { ...STAY, depends_on: { db: { condition: "service_healthy" } } },
  });
  const { events } = await it.up();
  await events.state("db", "up");
  equal((await it.client.service("db")).health, "starting");
  equal((await it.client.service("web")).state, "waiting");
  match((await it.run("why", "web")).stdout, /"?db"?.*healthy/);
  writeFileSync(join(it.directory, "well"), "");
  await events.state("web", "up");
  equal((await it.client.service("db")).health, "healthy");
});

test("an unhealthy service is run anew, and its dependents stay as they are", async (t) => {
  const it = project(t, {
    db: { ...STAY, healthcheck: CHECK, restart: "always", restart_delay: "0s" },
    web: { ...STAY, depends_on: { db: { condition: "service_healthy" } } },
  });
  writeFileSync(join(it.directory, "well"), "");
  const { events } = await it.up();
  const { seq } = await events.state("web", "up");
  const web = identity(await it.pid("web"));
  const before = await it.pid("db");
  rmSync(join(it.directory, "well"));
  const end = await events.find(
    "the end of the unhealthy run",
    (entry) => entry.kind === "exit" && entry.service === "db",
  );
  match(end.message, /unhealthy/);
  writeFileSync(join(it.directory, "well"), "");
  await events.find(
    "a healthy run",
    (entry) => entry.kind === "health" && entry.service === "db" && / healthy/.test(entry.message),
    end.seq,
  );
  ok((await it.pid("db")) !== before);
  equal(identity(await it.pid("web")), web);
  ok(seq > 0);
});

test("on_unhealthy: none only tells", async (t) => {
  const it = project(t, {
    db: { ...STAY, healthcheck: { ...CHECK, on_unhealthy: "none" }, restart: "always" },
  });
  const { events } = await it.up();
  await events.find(
    "it to be unhealthy",
    (entry) => entry.kind === "health" && /unhealthy/.test(entry.message),
  );
  const status = await it.client.service("db");
  equal(status.state, "up");
  equal(status.health, "unhealthy");
  match((await it.run("why", "db")).stdout, /unhealthy/);
});

test("why and the event say what was wrong with the healthcheck, until it succeeds", async (t) => {
  const it = project(t, {
    db: {
      ...STAY,
      healthcheck: {
        ...CHECK,
        test: ["CMD-SHELL", "[ -e well ] || { echo no such table; exit 3; }"],
        retries: 1,
        on_unhealthy: "none",
      },
    },
  });
  const { events } = await it.up();
  const isHealth = (entry: { readonly kind: string }): boolean => entry.kind === "health";
  const sick = await events.find("it to be unhealthy", isHealth);
  equal(sick.message, "db is unhealthy: exit code 3: no such table");
  const said = /its last healthcheck failed: exit code 3: no such table/;
  match((await it.run("why", "db")).stdout, said);
  writeFileSync(join(it.directory, "well"), "");
  const well = await events.find("it to be healthy", isHealth, sick.seq);
  equal(well.message, "db is healthy");
  doesNotMatch((await it.run("why", "db")).stdout, /healthcheck/);
});

test("a check that takes longer than its time limit has failed, and nothing of it is left", async (t) => {
  const it = project(t, {
    db: {
      ...STAY,
      healthcheck: {
        test: ["CMD-SHELL", "echo $$ >> checks; sleep 60"],
        interval: "20ms",
        start_interval: "20ms",
        timeout: "100ms",
        retries: 1,
        on_unhealthy: "none",
      },
    },
  });
  const { events } = await it.up();
  await events.find(
    "it to be unhealthy",
    (entry) => entry.kind === "health" && /unhealthy/.test(entry.message),
  );
  await until(() => readFileSync(join(it.directory, "checks"), "utf8"), { what: "a check to run" });
  equal((await it.run("stop", "db")).code, 0);
  await until(() => it.processes().filter((line) => line.endsWith("sleep 60")), {
    is: (left) => left.length === 0,
    what: "the checks to be gone",
  });
});

test("a check runs in the service's directory with its environment", async (t) => {
  const it = project(t, {
    db: {
      ...STAY,
      environment: { ANSWER: "42" },
      healthcheck: { ...CHECK, test: ["CMD-SHELL", 'echo "$ANSWER $PWD" > new; mv new seen'] },
    },
  });
  const { events } = await it.up();
  await events.find("it to be healthy", (entry) => entry.kind === "health");
  equal(readFileSync(join(it.directory, "seen"), "utf8"), `42 ${it.directory}\n`);
});
