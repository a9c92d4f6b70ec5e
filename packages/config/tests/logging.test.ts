import assert from "node:assert/strict";
import { test } from "node:test";
import { sinksOf, type LoggingSpec } from "@supervise/model";
import { good, loadText } from "./support/load.js";

async function loggings(text: string): Promise<readonly LoggingSpec[]> {
  return good(await loadText(text)).services.map(({ logging }) => logging);
}

test("logging at the top level holds for every service, and what a service says is merged over it", async () => {
  const found = await loggings(`
logging: { driver: file, options: { path: logs/, max-size: 1m, compress: true, max-total-size: 1g } }
services:
  web: { command: x }
  batch: { command: x, logging: { options: { format: json, compress: false } } }
  quiet: { command: x, logging: { driver: none } }
  pair: { command: x, scale: 2 }
`);
  const web = {
    driver: "file",
    path: "/app/logs/web.log",
    maxSizeBytes: 1_048_576,
    maxAgeMs: null,
    maxFiles: 5,
    maxTotalBytes: 1_073_741_824,
    compression: "gzip",
    format: "plain",
    timestamps: "utc",
  } as const;
  assert.deepEqual(found, [
    web,
    { ...web, path: "/app/logs/batch.log", compression: null, format: "json" },
    { driver: "none" },
    { ...web, path: "/app/logs/pair-1.log" },
    { ...web, path: "/app/logs/pair-2.log" },
  ]);
});

test("a file for all services is a mistake, told of where it stands", async () => {
  const { diagnostics } = await loadText(`logging: { driver: file, options: { path: all.log } }
services:
  web: { command: x }
  db: { command: x }
`);
  assert.deepEqual(
    diagnostics.map(({ line, message }) => [line, message]),
    [[1, '"db" and "web" would write to one log file, "/app/all.log"']],
  );
});

test("a wrong option at the top level is told of once", async () => {
  const { diagnostics } =
    await loadText(`logging: { driver: file, options: { path: logs/, compress: lz4 } }
services:
  web: { command: x }
  db: { command: x }
`);
  assert.deepEqual(
    diagnostics.map(({ line, message }) => [line, message]),
    [[1, 'logging.options.compress must be true, false, gzip or zstd, found "lz4"']],
  );
});

test("mask is given to every service, and its patterns are checked", async () => {
  const found = await loggings(`
mask: ["*_PASSWORD", "*_TOKEN"]
services:
  web: { command: x }
  db: { command: x, logging: { driver: file, options: { path: db.log } } }
`);
  assert.deepEqual(
    found.map(({ mask }) => mask),
    [
      ["*_PASSWORD", "*_TOKEN"],
      ["*_PASSWORD", "*_TOKEN"],
    ],
  );
  const { diagnostics } = await loadText("mask: [a-b]\nservices: { web: { command: x } }\n");
  assert.deepEqual(
    diagnostics.map(({ message }) => message),
    ['mask[0] must be a pattern of names of environment variables such as *_PASSWORD, found "a-b"'],
  );
});

/** Drivers of each service, in their order. */
async function drivers(text: string): Promise<readonly string[]> {
  const found = await loggings(text);
  return found.map((logging) =>
    sinksOf(logging)
      .map(({ driver }) => driver)
      .join(" "),
  );
}

test("logging may be a list; what a service says takes the place of the list, or changes the sink of its driver", async () => {
  const text = `
logging:
  - { driver: syslog }
  - { driver: file, options: { path: logs/ } }
  - { driver: service, options: { service: col } }
services:
  all: { command: x }
  json: { command: x, logging: { driver: file, options: { format: json } } }
  own: { command: x, logging: [{ driver: syslog }, { driver: service, options: { service: col } }] }
  none: { command: x, logging: { driver: none } }
  col: { command: x }
`;
  // The file is the first: it is what supervise logs reads.
  assert.deepEqual(await drivers(text), [
    "file syslog service",
    "file syslog service",
    "syslog service",
    "none",
    "file syslog",
  ]);
  const { services } = good(await loadText(text));
  assert.deepEqual(
    services.map(({ readsLogs }) => readsLogs),
    [false, false, false, false, true],
  );
  const [all, json] = services.map(({ logging }) => logging);
  assert.equal(all?.driver === "file" ? all.format : null, "plain");
  assert.equal(json?.driver === "file" ? json.format : null, "json");
  assert.deepEqual(services[0]?.dependencies, [
    { name: "col", condition: "service_started", required: false, restart: false },
  ]);
});

test("a log that would come back to its service is refused with the way that it would go", async () => {
  const to = (name: string): string =>
    `logging: { driver: service, options: { service: ${name} } }`;
  const messages = async (text: string): Promise<readonly string[]> =>
    (await loadText(text)).diagnostics.map(({ message }) => message);
  assert.deepEqual(
    await messages(`services:
  a: { command: x, ${to("b")} }
  b: { command: x, ${to("c")} }
  c: { command: x, ${to("a")} }
  d: { command: x, ${to("d")} }
  e: { command: x, depends_on: [f] }
  f: { command: x, ${to("e")} }
`),
    [
      "services depend on each other in a cycle: a -> b -> c -> a",
      'service "d" sends its log to itself',
      "services depend on each other in a cycle: e -> f -> e",
    ],
  );
});

test("a sink that cannot stand is said with its place", async () => {
  const { diagnostics } = await loadText(`services:
  a: { command: x, logging: [{ driver: none }, { driver: file, options: { path: a.log, tag: x } }] }
  b: { command: x, logging: { driver: service, options: { service: many } } }
  c: { command: x, logging: { driver: service, options: { service: onc } } }
  d: { command: x, logging: { driver: service } }
  e: { command: x, logging: [{ driver: file, options: { path: e } }, { driver: file, options: { path: ./e } }] }
  f: { command: x, logging: { driver: service, options: { service: once } } }
  many: { command: x, scale: 2 }
  once: { command: x, type: oneshot }
`);
  assert.deepEqual(
    diagnostics.map(({ line, message }) => [line, message]),
    [
      [2, "logging[0] has driver none, which cannot stand beside others"],
      [2, "logging[1].options.tag has no meaning with driver file"],
      [
        3,
        'service "b" sends its log to "many", which has scale 2; its lines can go to one copy only',
      ],
      [4, 'service "c" sends its log to "onc", which is not defined'],
      [5, "logging.options needs service with driver service"],
      [6, '"e" would write to the log file "/app/e" twice'],
      [
        7,
        'service "f" sends its log to "once", which has type oneshot; a service that runs on is needed',
      ],
    ],
  );
});
