import assert from "node:assert/strict";
import { test } from "node:test";
import { diffSpecs } from "@supervise/model";
import type { ProcessSpec, ServiceSpec, SpecChange } from "@supervise/model";
import {
  dependsOn,
  healthcheck,
  makeConfiguration,
  makeSpec,
  readyByNotify,
} from "./support/specs.js";

function diff(before: Partial<ServiceSpec>, after: Partial<ServiceSpec>): SpecChange | undefined {
  return diffSpecs(
    makeConfiguration(makeSpec("web", before)),
    makeConfiguration(makeSpec("web", after)),
  )[0];
}

const { process } = makeSpec("web");

const restarts: readonly (readonly [Partial<ProcessSpec>, string])[] = [
  [{ command: { words: ["/bin/sh"] } }, "command"],
  [{ workingDirectory: "/tmp" }, "working_dir"],
  [{ environment: { PORT: "80" } }, "environment.PORT"],
  [{ inheritEnvironment: false }, "inherit_environment"],
  [{ user: "www-data" }, "user"],
  [{ groupAdd: ["video"] }, "group_add"],
  [{ umask: 0o22 }, "umask"],
  [{ nice: 5 }, "nice"],
  [{ oomScoreAdj: 5 }, "oom_score_adj"],
  [{ limits: [{ resource: "nofile", soft: 1, hard: null }] }, "ulimits.nofile"],
  [{ capAdd: ["NET_ADMIN"] }, "cap_add"],
  [{ capDrop: ["ALL"] }, "cap_drop"],
  [{ noNewPrivileges: true }, "no_new_privileges"],
  [{ rootDirectory: "/srv" }, "root"],
];

for (const [change, field] of restarts) {
  test(`a change of ${field} needs a restart`, () => {
    assert.deepEqual(diff({}, { process: { ...process, ...change } }), {
      name: "web",
      kind: "restart",
      fields: [field],
    });
    assert.deepEqual(diff({ process: { ...process, ...change } }, {}), {
      name: "web",
      kind: "restart",
      fields: [field],
    });
  });
}

const others: readonly (readonly [Partial<ServiceSpec>, SpecChange["kind"], readonly string[]])[] =
  [
    [{ type: "oneshot" }, "restart", ["type"]],
    [{ ready: readyByNotify }, "restart", ["ready"]],
    [{ watchdogMs: 1000 }, "restart", ["watchdog"]],
    [{ pidfile: "/run/web.pid" }, "restart", ["pidfile"]],
    [{ dependencies: [dependsOn("db")] }, "reload", ["depends_on"]],
    [{ restart: { kind: "always" } }, "reload", ["restart"]],
    [
      { restartDelay: { initialMs: 1, factor: 1, maxMs: 1, jitter: 0, resetAfterMs: 1 } },
      "reload",
      ["restart_delay"],
    ],
    [{ restartLimit: { count: 1, windowMs: 1 } }, "reload", ["restart_limit"]],
    [{ health: healthcheck }, "reload", ["healthcheck"]],
    [
      { stop: { signal: "SIGINT", gracePeriodMs: 1, command: { words: ["/bin/true"] } } },
      "reload",
      ["stop_signal", "stop_grace_period", "stop_command"],
    ],
    [{ reload: { kind: "signal", signal: "SIGHUP" } }, "reload", ["reload_signal"]],
    [
      { reload: { kind: "command", command: { words: ["/bin/true"] } } },
      "reload",
      ["reload_command"],
    ],
    [
      {
        logging: {
          driver: "file",
          path: "/tmp/x",
          maxSizeBytes: null,
          maxAgeMs: null,
          maxFiles: 1,
          maxTotalBytes: null,
          compression: null,
          format: "plain",
          timestamps: "utc",
        },
      },
      "reload",
      ["logging"],
    ],
  ];

for (const [change, kind, fields] of others) {
  test(`a change of ${fields.join(", ")} is a ${kind}`, () => {
    assert.deepEqual(diff({}, change), { name: "web", kind, fields });
    assert.deepEqual(diff(change, {}), { name: "web", kind, fields });
  });
}

test("every field of a healthcheck has its own word", () => {
  const other = {
    test: { words: ["x"] },
    intervalMs: 1,
    timeoutMs: 1,
    retries: 9,
    startPeriodMs: 9,
    startIntervalMs: 9,
    onUnhealthy: "none" as const,
  };
  const words = [
    "test",
    "interval",
    "timeout",
    "retries",
    "start_period",
    "start_interval",
    "on_unhealthy",
  ];
  assert.deepEqual(
    diff({ health: healthcheck }, { health: other })?.fields,
    words.map((word) => `healthcheck.${word}`),
  );
});

test("a reload that moves from a signal to a command names both", () => {
  const change = diff(
    { reload: { kind: "signal", signal: "SIGHUP" } },
    { reload: { kind: "command", command: { words: ["x"] } } },
  );
  assert.deepEqual(change?.fields, ["reload_signal", "reload_command"]);
});

test("one change that needs a restart makes it a restart, and the others are named too", () => {
  const change = diff({}, { type: "oneshot", restart: { kind: "always" } });
  assert.deepEqual(change, { name: "web", kind: "restart", fields: ["type", "restart"] });
});

test("only the changed variables are named, and their order does not count", () => {
  const before = { ...process, environment: { A: "1", B: "2", C: "3" } };
  const after = { ...process, environment: { C: "3", B: "x", D: "4" } };
  assert.deepEqual(diff({ process: before }, { process: after })?.fields, [
    "environment.A",
    "environment.B",
    "environment.D",
  ]);
  assert.equal(
    diff(
      { process: { ...process, environment: { A: "1", B: "2" } } },
      { process: { ...process, environment: { B: "2", A: "1" } } },
    )?.kind,
    "same",
  );
});

test("new and gone services are told, in the order of the new text, the gone ones last", () => {
  const before = makeConfiguration(makeSpec("gone"), makeSpec("same"));
  const after = makeConfiguration(makeSpec("new"), makeSpec("same"));
  assert.deepEqual(
    diffSpecs(before, after).map(({ name, kind }) => [name, kind]),
    [
      ["new", "new"],
      ["same", "same"],
      ["gone", "gone"],
    ],
  );
});
