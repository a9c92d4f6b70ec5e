import assert from "node:assert/strict";
import { test } from "node:test";
import { good, loadText, messages } from "./support/load.js";

const names = (result: Awaited<ReturnType<typeof loadText>>): string[] =>
  good(result).services.map(({ name }) => name);

test("replicas are numbered from 1, in the place of their service, and one alone is not", async () => {
  const result = await loadText(
    "services: { b: { command: x, scale: 3 }, a: { command: x, scale: 1 }, c: { command: x, scale: 0 } }",
  );
  assert.deepEqual(names(result), ["b-1", "b-2", "b-3", "a"]);
  assert.deepEqual(
    good(result).services.map(({ replica }) => replica),
    [1, 2, 3, 1],
  );
});

test("who depends on a scaled service depends on every replica, and so does each of its own", async () => {
  const result = await loadText(`services:
  web: { command: x, scale: 2, depends_on: { db: { condition: service_healthy, required: false, restart: true } } }
  db: { command: x, scale: 2, ready: { tcp: 1 } }`);
  const edge = { condition: "service_healthy", required: false, restart: true };
  for (const spec of good(result).services.slice(0, 2)) {
    assert.deepEqual(spec.dependencies, [
      { name: "db-1", ...edge },
      { name: "db-2", ...edge },
    ]);
  }
});

test("a list of dependencies means started and required, in its order", async () => {
  const result = await loadText(
    "services: { a: { command: x, depends_on: [c, b] }, b: { command: x }, c: { command: x } }",
  );
  const plain = { condition: "service_started", required: true, restart: false };
  assert.deepEqual(good(result).services[0]?.dependencies, [
    { name: "c", ...plain },
    { name: "b", ...plain },
  ]);
});

test("each replica writes to a log file of its own", async () => {
  const text = (path: string): string =>
    `services: { w: { command: x, scale: 2, logging: { driver: file, options: { path: ${path} } } } }`;
  const paths = async (path: string): Promise<unknown[]> =>
    good(await loadText(text(path))).services.map(({ logging }) =>
      logging.driver === "file" ? logging.path : null,
    );
  assert.deepEqual(await paths("logs/w.log"), ["/app/logs/w-1.log", "/app/logs/w-2.log"]);
  assert.deepEqual(await paths("logs.d/w"), ["/app/logs.d/w-1", "/app/logs.d/w-2"]);
});

const profiled = `services:
  app: { command: x }
  debug: { command: x, profiles: [dev, test], depends_on: [app] }
  admin: { command: x, profiles: [ops] }`;

test("a service with profiles is there only while one of them is active", async () => {
  assert.deepEqual(names(await loadText(profiled)), ["app"]);
  assert.deepEqual(names(await loadText(profiled, { profiles: ["test"] })), ["app", "debug"]);
  assert.deepEqual(names(await loadText(profiled, { profiles: ["*"] })), ["app", "debug", "admin"]);
});

test("a dependency on a service whose profiles are not active is an error, unless it is not required", async () => {
  const text = (required: boolean): string =>
    `services:\n  a: { command: x, depends_on: { b: { required: ${required} } } }\n  b: { command: x, profiles: [dev] }`;
  assert.deepEqual(messages(await loadText(text(true))), [
    'cannot read "supervise.yaml", line 2, column 34: service "a" depends on "b", whose profiles are not active\n  hint: activate the profile "dev", or say required: false',
  ]);
  assert.deepEqual(good(await loadText(text(false))).services[0]?.dependencies, []);
  assert.equal(
    good(await loadText(text(true), { profiles: ["dev"] })).services[0]?.dependencies.length,
    1,
  );
});

test("a mistake in a service that is left out is said all the same", async () => {
  const result = await loadText(
    "services: { a: { command: x }, b: { command: x, profiles: [p], nice: 99 } }",
  );
  assert.equal(result.configuration, null);
  assert.equal(result.diagnostics.length, 1);
});

test("a chain of ten thousand dependencies is no cycle, and one more edge makes it one", async () => {
  const line = (index: number, next: number): string =>
    `  s${index}: { command: x, depends_on: [s${next}] }\n`;
  const count = 2000;
  let chain = "services:\n";
  for (let index = 0; index < count; index++) chain += line(index, index + 1);
  assert.equal(
    good(await loadText(`${chain}  s${count}: { command: x }\n`)).services.length,
    count + 1,
  );
  const cycle = await loadText(chain + line(count, 0));
  assert.equal(cycle.diagnostics.length, 1);
  assert.match(
    cycle.diagnostics[0]?.message ?? "",
    /^services depend on each other in a cycle: s0 -> s1 -> .* -> s2000 -> s0$/,
  );
});

test("the example of the design loads as it stands", async () => {
  const result = await loadText(`name: shop
services:
  migrate: { type: oneshot, command: [node, migrate.js] }
  cache:   { command: [redis-server, --port, "6380"], ready: { tcp: "127.0.0.1:6380", timeout: 10s }, restart: always }
  proxy:   { type: forking, command: [nginx], pidfile: /run/nginx.pid, depends_on: { web: { condition: service_healthy } } }
  web:
    command: node server.js --port \${PORT:-8080}
    user: www-data
    depends_on: { migrate: { condition: service_completed_successfully }, cache: { condition: service_started } }
    ready: { http: "http://127.0.0.1:8080/health" }        # or notify: true | fd: 3 | log: "listening on" | tcp | unix | file | command
    healthcheck: { test: [CMD, curl, -fs, "http://127.0.0.1:8080/health"], interval: 10s, timeout: 2s, retries: 3 }
    restart: on-failure:5
    stop_signal: SIGTERM
    stop_grace_period: 10s
    ulimits: { nofile: 4096 }
    logging: { driver: file, options: { path: logs/web.log, max-size: 10m, max-file: "5" } }
`);
  assert.deepEqual(result.diagnostics, []);
  assert.deepEqual(names(result), ["migrate", "cache", "proxy", "web"]);
  assert.deepEqual(good(result).services[3]?.process.command.words, [
    "node",
    "server.js",
    "--port",
    "8080",
  ]);
});
