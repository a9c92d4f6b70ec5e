import assert from "node:assert/strict";
import { test } from "node:test";
import { good, loadFiles, loadText, service } from "./support/load.js";

test("a service of one line has Compose's defaults, and ours where Compose has none", async () => {
  assert.deepEqual(await service("command: x"), {
    name: "web",
    service: "web",
    replica: 1,
    type: "service",
    process: {
      command: { words: ["x"] },
      workingDirectory: "/app",
      environment: {},
      inheritEnvironment: true,
      user: null,
      groupAdd: [],
      umask: null,
      nice: null,
      oomScoreAdj: null,
      limits: [],
      capAdd: [],
      capDrop: [],
      noNewPrivileges: false,
      rootDirectory: null,
      tty: false,
      stdinOpen: false,
    },
    dependencies: [],
    restart: { kind: "no" },
    restartDelay: { initialMs: 100, factor: 2, maxMs: 30_000, jitter: 0.1, resetAfterMs: 10_000 },
    restartLimit: null,
    ready: null,
    health: null,
    stop: { signal: "SIGTERM", gracePeriodMs: 10_000, command: null },
    watchdogMs: null,
    reload: null,
    pidfile: null,
    sockets: [],
    logging: { driver: "none" },
    readsLogs: false,
    watch: [],
  });
});

test("input may be sent to a terminal, unless stdin_open says no", async () => {
  const tty = (await service("command: x\ntty: true")).process;
  assert.deepEqual([tty.tty, tty.stdinOpen], [true, true]);
  const mute = (await service("command: x\ntty: true\nstdin_open: false")).process;
  assert.deepEqual([mute.tty, mute.stdinOpen], [true, false]);
});

test("every key of a service reaches its spec", async () => {
  const spec = await service(`type: forking
command: [nginx, -p, 80]
working_dir: run/nginx
environment: { A: 1, B: true, C: "", D: 1.10 }
inherit_environment: false
user: "www-data:adm"
group_add: [tty, 44]
umask: 0o27
nice: -5
oom_score_adj: -900
ulimits: { nofile: 4096, core: { soft: 0, hard: unlimited }, nproc: -1 }
cap_add: [net_bind_service, CAP_KILL]
cap_drop: [ALL]
no_new_privileges: true
root: jail
tty: false
stdin_open: true
healthcheck: { test: [CMD, a, b], interval: 10s, timeout: 2s, retries: 5, start_period: 1m, start_interval: 1s, on_unhealthy: none }
ready: { tcp: "[::1]:80", timeout: 5s, interval: 1s }
restart: on-failure:5
restart_delay: { initial: 1s, factor: 3, max: 1m, jitter: 0, reset_after: 20s }
restart_limit: { count: 5, window: 10s }
stop_signal: 3
stop_grace_period: 1m30s
stop_command: nginx -s 'quit now'
watchdog: 30s
reload_signal: hup
pidfile: run/nginx.pid
sockets: { http: 80, admin: { unix: run/admin.sock, mode: 0660, backlog: "7" }, six: "[::]:443" }
logging: { driver: file, options: { path: logs/web.log, max-size: 10m, max-file: "5" } }
develop: { watch: [{ path: src, ignore: ["*.log"] }, { path: /etc/web, action: reload }] }`);
  assert.deepEqual(spec, {
    name: "web",
    service: "web",
    replica: 1,
    type: "forking",
    process: {
      command: { words: ["nginx", "-p", "80"] },
      workingDirectory: "/app/run/nginx",
      environment: { A: "1", B: "true", C: "", D: "1.10" },
      inheritEnvironment: false,
      user: "www-data:adm",
      groupAdd: ["tty", "44"],
      umask: 0o27,
      nice: -5,
      oomScoreAdj: -900,
      limits: [
        { resource: "nofile", soft: 4096, hard: 4096 },
        { resource: "core", soft: 0, hard: null },
        { resource: "nproc", soft: null, hard: null },
      ],
      capAdd: ["NET_BIND_SERVICE", "KILL"],
      capDrop: ["ALL"],
      noNewPrivileges: true,
      rootDirectory: "/app/jail",
      tty: false,
      stdinOpen: true,
    },
    dependencies: [],
    restart: { kind: "on-failure", limit: 5 },
    restartDelay: { initialMs: 1000, factor: 3, maxMs: 60_000, jitter: 0, resetAfterMs: 20_000 },
    restartLimit: { count: 5, windowMs: 10_000 },
    ready: { check: { kind: "tcp", host: "::1", port: 80, intervalMs: 1000 }, timeoutMs: 5000 },
    health: {
      test: { words: ["a", "b"] },
      intervalMs: 10_000,
      timeoutMs: 2000,
      retries: 5,
      startPeriodMs: 60_000,
      startIntervalMs: 1000,
      onUnhealthy: "none",
    },
    stop: {
      signal: "SIGQUIT",
      gracePeriodMs: 90_000,
      command: { words: ["nginx", "-s", "quit now"] },
    },
    watchdogMs: 30_000,
    reload: { kind: "signal", signal: "SIGHUP" },
    pidfile: "/app/run/nginx.pid",
    sockets: [
      { name: "http", address: { kind: "tcp", host: "127.0.0.1", port: 80 }, backlog: 4096 },
      {
        name: "admin",
        address: { kind: "unix", path: "/app/run/admin.sock", mode: 0o660 },
        backlog: 7,
      },
      { name: "six", address: { kind: "tcp", host: "::", port: 443 }, backlog: 4096 },
    ],
    logging: {
      driver: "file",
      path: "/app/logs/web.log",
      maxSizeBytes: 10_485_760,
      maxAgeMs: null,
      maxFiles: 5,
      maxTotalBytes: null,
      compression: null,
      format: "plain",
      timestamps: "utc",
    },
    readsLogs: false,
    watch: [
      { path: "/app/src", action: "restart", ignore: ["*.log"] },
      { path: "/etc/web", action: "reload", ignore: [] },
    ],
  });
});

for (const [text, check] of [
  ["notify: true", { kind: "notify" }],
  ["fd: 3", { kind: "fd", fd: 3 }],
  ["log: '^listening on \\d+'", { kind: "log", pattern: "^listening on \\d+" }],
  ["tcp: 80", { kind: "tcp", host: "127.0.0.1", port: 80, intervalMs: 50 }],
  ["tcp: 'db.local:5432'", { kind: "tcp", host: "db.local", port: 5432, intervalMs: 50 }],
  ["http: 'http://localhost:80/x'", { kind: "http", url: "http://localhost:80/x", intervalMs: 50 }],
  ["http: 'https://x/'", { kind: "http", url: "https://x/", intervalMs: 50 }],
  ["unix: run/s", { kind: "unix", path: "/app/run/s", intervalMs: 50 }],
  ["file: /run/f", { kind: "file", path: "/run/f", intervalMs: 50 }],
  [
    "command: pg_isready -q",
    { kind: "command", command: { words: ["pg_isready", "-q"] }, intervalMs: 50 },
  ],
] as const) {
  test(`ready: { ${text} }`, async () => {
    assert.deepEqual((await service(`command: x\nready: { ${text} }`)).ready, {
      check,
      timeoutMs: 60_000,
    });
  });
}

for (const [text, words] of [
  ["test: curl -f x | grep y", ["/bin/sh", "-c", "curl -f x | grep y"]],
  ["test: [CMD-SHELL, a && b]", ["/bin/sh", "-c", "a && b"]],
  ["test: [CMD, a, 'b c']", ["a", "b c"]],
] as const) {
  test(`healthcheck: { ${text} }`, async () => {
    assert.deepEqual(
      (await service(`command: x\nhealthcheck: { ${text} }`)).health?.test.words,
      words,
    );
  });
}

for (const text of ["test: [NONE]", "disable: true", "{ test: x, disable: true }".slice(2, -2)]) {
  test(`healthcheck: { ${text} } is none`, async () => {
    assert.equal((await service(`command: x\nhealthcheck: { ${text} }`)).health, null);
  });
}

test("shell: true gives every string to a shell, and leaves lists alone", async () => {
  const spec = await service(
    "command: echo $$HOME | cat\nshell: true\nstop_command: a | b\nreload_command: [c, d]\nready: { command: e | f }",
  );
  assert.deepEqual(spec.process.command.words, ["/bin/sh", "-c", "echo $HOME | cat"]);
  assert.deepEqual(spec.stop.command?.words, ["/bin/sh", "-c", "a | b"]);
  assert.deepEqual(spec.reload, { kind: "command", command: { words: ["c", "d"] } });
  assert.deepEqual(spec.ready?.check, {
    kind: "command",
    command: { words: ["/bin/sh", "-c", "e | f"] },
    intervalMs: 50,
  });
});

test("a fixed restart delay neither grows nor spreads", async () => {
  const { restartDelay } = await service("command: x\nrestart_delay: 2s");
  assert.deepEqual(restartDelay, {
    initialMs: 2000,
    factor: 1,
    maxMs: 2000,
    jitter: 0,
    resetAfterMs: 10_000,
  });
});

for (const [text, expected] of [
  ["no", { kind: "no" }],
  ['"no"', { kind: "no" }],
  ["always", { kind: "always" }],
  ["unless-stopped", { kind: "unless-stopped" }],
  ["on-failure", { kind: "on-failure", limit: null }],
  ["on-failure:0", { kind: "on-failure", limit: 0 }],
] as const) {
  test(`restart: ${text}`, async () =>
    assert.deepEqual((await service(`command: x\nrestart: ${text}`)).restart, expected));
}

test("variables stand for values of every kind", async () => {
  const environment = { PORT: "81", YES: "true", WAIT: "3s", N: "2" };
  const configuration = good(
    await loadText(
      "services: { web: { command: 'a $PORT', scale: '${N}', no_new_privileges: $YES, stop_grace_period: $WAIT, nice: '${NICE:-4}', ready: { tcp: $PORT } } }",
      { environment },
    ),
  );
  const [first, second] = configuration.services;
  assert.equal(configuration.services.length, 2);
  assert.equal(second?.name, "web-2");
  assert.deepEqual(first?.process.command.words, ["a", "81"]);
  assert.equal(first?.process.noNewPrivileges, true);
  assert.equal(first?.stop.gracePeriodMs, 3000);
  assert.equal(first?.process.nice, 4);
  assert.deepEqual(first?.ready?.check, {
    kind: "tcp",
    host: "127.0.0.1",
    port: 81,
    intervalMs: 50,
  });
});

for (const [directory, name] of [
  ["/srv/My Shop", "myshop"],
  ["/srv/_-x_1", "x_1"],
  ["/", "project"],
  ["/srv/日本", "project"],
] as const) {
  test(`without a name, ${directory} is the project "${name}"`, async () => {
    const result = await loadFiles(
      {
        [`${directory === "/" ? "" : directory}/supervise.yaml`]: "services: { a: { command: x } }",
      },
      { workingDirectory: directory },
    );
    assert.equal(good(result).name, name);
  });
}

test("the name that was asked for wins over the file's, and the file's over the directory's", async () => {
  const text = "name: shop\nservices: { a: { command: x } }";
  assert.equal(good(await loadText(text)).name, "shop");
  assert.equal(good(await loadText(text, { projectName: "other" })).name, "other");
  const wrong = await loadText(text, { projectName: "Other" });
  assert.equal(wrong.configuration, null);
});

test("restart_burst is the bucket of all services", async () => {
  const text = "services: { a: { command: x } }";
  assert.deepEqual(good(await loadText(text)).restartBucket, {
    capacity: 200,
    refillPerSecond: 100,
  });
  const own = await loadText(`restart_burst: { capacity: 5, refill_per_second: 0.5 }\n${text}`);
  assert.deepEqual(good(own).restartBucket, { capacity: 5, refillPerSecond: 0.5 });
});

test("anchors, merge keys and extensions work as in Compose, and the nearer key wins", async () => {
  const result = await loadText(`x-base: &base { restart: always, nice: 1, environment: { A: a } }
x-more: &more { nice: 2, umask: "077" }
services:
  web: { <<: [*base, *more], command: x, x-note: [1], environment: { B: b } }
  db: { <<: *base, command: &cmd [y], stop_command: *cmd }`);
  const [web, db] = good(result).services;
  assert.deepEqual(web?.restart, { kind: "always" });
  assert.equal(web?.process.nice, 1);
  assert.equal(web?.process.umask, 0o77);
  assert.deepEqual(web?.process.environment, { B: "b" });
  assert.deepEqual(db?.process.environment, { A: "a" });
  assert.deepEqual(db?.stop.command?.words, ["y"]);
});
