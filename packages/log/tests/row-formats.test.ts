import assert from "node:assert/strict";
import * as fs from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { RowParser } from "#log/reading/parse-row.js";
import { temporaryDirectory } from "@supervise/testkit";
import * as fc from "fast-check";

import { fileLogging } from "./file-logging.js";
import { scene, startMicros } from "./hub-scene.js";

const formats = ["plain", "json", "logfmt"] as const;
const stamps = ["utc", "local", "tai64n", "none"] as const;

const line = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "=",
    '"',
    "\\",
    "a b",
    "\t",
    "\r",
    "é",
    "\u2028",
    "text=x service=other",
  ),
  fc.string(),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => bytes.filter((byte) => byte !== 10)),
);

test("whatever is written is read back byte for byte, in every format and with every kind of time stamp", async (t) => {
  const directory = temporaryDirectory(t);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 20 }),
      fc.constantFrom(...formats),
      fc.constantFrom(...stamps),
      fc.boolean(),
      async (lines, format, timestamps, ended) => {
        const path = join(directory, `${run++}.log`);
        const { kernel, hub, service } = scene();
        const web = service("web", fileLogging(path, { format, timestamps }));
        const bytes = lines.map((one) => Buffer.from(one as string));
        const pieces = bytes.flatMap((one) => [one, Buffer.from("\n")]);
        hub.markRun("web", { kind: "begin", run: 1, pid: 7 });
        kernel.push(web.stderr, Buffer.concat(ended ? pieces : [...pieces, Buffer.from("rest")]));
        await kernel.settle();
        hub.drain("web");
        hub.markRun("web", { kind: "end", run: 1, text: "exited with code 0" });
        hub.close();
        const parser = new RowParser("web", "auto");
        const rows = split(fs.readFileSync(path)).map((row) => parser.parse(row, 0, row.length));
        const [begin, ...others] = rows;
        const end = others.pop();
        assert.deepEqual(
          [begin, end].map((row) => [row?.kind, row?.service, row?.run]),
          [
            ["begin", "web", 1],
            ["end", "web", 1],
          ],
        );
        const expected = ended ? bytes : [...bytes, Buffer.from("rest")];
        assert.equal(others.length, expected.length);
        for (const [index, row] of others.entries()) {
          assert.ok(row.kind === "line");
          assert.deepEqual(row.bytes.toString("hex"), expected[index]?.toString("hex"));
          assert.deepEqual([row.service, row.stream, row.seq], ["web", "err", index + 1]);
          assert.equal(row.partial, !ended && index === bytes.length);
          assert.equal(row.timeMicros === null, timestamps === "none");
          assert.ok(row.timeMicros === null || Math.abs(row.timeMicros - startMicros) < 1_000);
        }
      },
    ),
    { numRuns: 120 },
  );
});

test("a raw file holds the bytes of the lines and nothing else", async (t) => {
  const path = join(temporaryDirectory(t), "raw.log");
  const { kernel, hub, service } = scene();
  const web = service("web", fileLogging(path, { format: "raw" }));
  hub.markRun("web", { kind: "begin", run: 1, pid: 7 });
  kernel.push(web.stdout, Buffer.from([0xff, 0, 10, 65, 13, 10]));
  await kernel.settle();
  hub.close();
  assert.deepEqual(fs.readFileSync(path), Buffer.from([0xff, 0, 10, 65, 13, 10]));
});

function split(bytes: Buffer): Buffer[] {
  const rows: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(10, start);
    assert.ok(end >= 0, "a row without its newline");
    rows.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return rows;
}
