import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoggingSpec } from "@supervise/model";
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
