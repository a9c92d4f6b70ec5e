import assert from "node:assert/strict";
import * as fs from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { logFiles } from "#log/reading/log-files.js";
import { mergeRows } from "#log/reading/merge-rows.js";
import type { LogRow } from "#log/reading/log-row.js";
import { ServiceReading } from "#log/reading/service-reading.js";
import { assertNoLeaks, temporaryDirectory } from "@supervise/testkit";
import * as fc from "fast-check";

import { openReading, readAll, textOf } from "./reading-scene.js";

const second = 1_000_000;
const start = Date.UTC(2026, 0, 2, 3, 4, 5) * 1000;

const stamp = (micros: number): string =>
  `${new Date(Math.floor(micros / 1000)).toISOString().slice(0, -1)}${String(micros % 1000).padStart(3, "0")}Z`;

/** Lines 0 to `count`, one a second; every `runLength` of them is a run, and a line says its number and, here and there, a lot more. */
function written(count: number, runLength: number, long: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const time = stamp(start + index * second);
    const begin =
      index % runLength === 0 ? `${time} web - begin run ${1 + index / runLength}, pid 9\n` : "";
    return `${begin}${time} web ${index + 1} out ${index}${index % 7 === 3 ? "x".repeat(long) : ""}\n`;
  });
}

interface Layout {
  readonly count: number;
  readonly runLength: number;
  readonly long: number;
  /** Where a file ends, as parts of the whole. */
  readonly cuts: readonly number[];
  /** Compressed files: so many of the oldest. */
  readonly packed: number;
}

/** Lays the rows out in files as the sink would, and returns the current one's path. */
function layOut(directory: string, { count, runLength, long, cuts, packed }: Layout): string {
  const path = join(directory, "web.log");
  const rows = written(count, runLength, long);
  const ends = [...cuts.map((cut) => Math.floor(cut * count)), count].toSorted(
    (one, other) => one - other,
  );
  let from = 0;
  for (const [index, end] of ends.entries()) {
    const bytes = Buffer.from(rows.slice(from, end).join(""));
    const name = `${path}.2026010${index + 1}T000000.000000Z`;
    if (index === ends.length - 1) fs.writeFileSync(path, bytes);
    else if (index < packed) fs.writeFileSync(`${name}.gz`, gzipSync(bytes));
    else fs.writeFileSync(name, bytes);
    from = end;
  }
  return path;
}

const layouts = fc.record({
  count: fc.integer({ min: 1, max: 400 }),
  runLength: fc.integer({ min: 20, max: 150 }),
  long: fc.constantFrom(0, 30, 2_000, 70_000),
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }),
  packed: fc.nat(5),
});

test("the last rows, a time, a run and their combinations are those that reading everything would give", async (t) => {
  assertNoLeaks(t);
  const root = temporaryDirectory(t);
  let round = 0;
  await fc.assert(
    fc.asyncProperty(
      layouts,
      fc.option(fc.nat(450)),
      fc.option(fc.tuple(fc.integer({ min: -10, max: 450 }), fc.integer({ min: -10, max: 450 }))),
      fc.option(fc.integer({ min: 1, max: 6 })),
      fc.boolean(),
      async (layout, lines, times, run, even) => {
        const directory = join(root, `${(round += 1)}`);
        fs.mkdirSync(directory);
        const path = layOut(directory, layout);
        const [from, to] = times ?? [-10, 1000];
        const counts = (row: LogRow): boolean =>
          row.kind === "line" && (!even || Number.parseInt(row.bytes.toString(), 10) % 2 === 0);
        const rows = await readAll(path, {
          lines,
          counts,
          sinceMicros: times === null ? null : start + from * second,
          untilMicros: times === null ? null : start + to * second,
          run,
        });
        const found = rows.filter(counts).map((row) => Number.parseInt(textOf(row), 10));
        const all = Array.from({ length: layout.count }, (_, index) => index).filter(
          (index) =>
            (!even || index % 2 === 0) &&
            index >= from &&
            index <= to &&
            (run === null || Math.floor(index / layout.runLength) + 1 === run),
        );
        assert.deepEqual(found, lines === null ? all : all.slice(Math.max(0, all.length - lines)));
        fs.rmSync(directory, { recursive: true });
      },
    ),
    { numRuns: 150 },
  );
});

test("the run before the newest is the previous one, and the newest can be told", async (t) => {
  const layout = { count: 100, runLength: 30, long: 0, cuts: [0.5], packed: 1 };
  const path = layOut(temporaryDirectory(t), layout);
  const rows = await readAll(path, { run: "previous" });
  assert.deepEqual(rows.map(textOf), [
    "begin",
    ...Array.from({ length: 30 }, (_, index) => String(index + 60)),
  ]);
  const reading = openReading(path, { lines: 2, tellRun: true });
  for await (const _ of reading.rows());
  assert.equal(reading.run, 4);
  assert.equal(reading.newestSeq(), 100);
  reading.close();
});

test("reading the tail reads the end of the file, and opens no other", async (t) => {
  const directory = temporaryDirectory(t);
  const path = layOut(directory, {
    count: 300,
    runLength: 1000,
    long: 9_000,
    cuts: [0.1, 0.2],
    packed: 1,
  });
  // What must not be looked at is no file that could be read.
  for (const { path: name, current } of logFiles(path)) if (!current) fs.rmSync(name);
  for (const name of ["web.log.20260101T000000.000000Z.gz", "web.log.20260102T000000.000000Z"])
    fs.mkdirSync(join(directory, name));
  const { size } = fs.statSync(path);
  const before = Number(/^rchar: (\d+)/m.exec(fs.readFileSync("/proc/self/io", "utf8"))?.[1]);
  const rows = await readAll(path, { lines: 5 });
  const after = Number(/^rchar: (\d+)/m.exec(fs.readFileSync("/proc/self/io", "utf8"))?.[1]);
  assert.equal(rows.length, 5);
  assert.ok(size > 300_000);
  assert.ok(after - before < 200_000, `${after - before} bytes were read`);
});

test("names sort by time behind those of earlier versions, and one that is there twice counts once", (t) => {
  const directory = temporaryDirectory(t);
  const names = [
    "web.log.10.gz",
    "web.log.2",
    "web.log.20260101T000000.000000Z.gz",
    "web.log.20260102T000000.000000Z",
    "web.log.20260102T000000.000000Z.gz",
    "web.log",
  ];
  for (const name of [
    ...names,
    "web.log.bak",
    "web.log.20260102T000000.000000Z.gz.part",
    "other.log.1",
    "web.log2",
    "web.log.0",
  ])
    fs.writeFileSync(join(directory, name), "");
  assert.deepEqual(
    logFiles(join(directory, "web.log")).map(({ path }) => path.slice(directory.length + 1)),
    names.filter((_, index) => index !== 4),
  );
  assert.deepEqual(logFiles(join(directory, "absent/web.log")), []);
});

test("a damaged compressed file is told, and what can be read is read", async (t) => {
  const directory = temporaryDirectory(t);
  const path = layOut(directory, {
    count: 2000,
    runLength: 5000,
    long: 40,
    cuts: [0.9],
    packed: 1,
  });
  const packed = `${path}.20260101T000000.000000Z.gz`;
  fs.truncateSync(packed, Math.floor(fs.statSync(packed).size / 2));
  const problems: string[] = [];
  const query = {
    lines: 1000,
    counts: (row: LogRow) => row.kind === "line",
    sinceMicros: null,
    untilMicros: null,
    run: null,
    tellRun: false,
  };
  const reading = new ServiceReading({ service: "web", path, form: "auto" }, query, (problem) =>
    problems.push(problem),
  );
  const rows: LogRow[] = [];
  for await (const batch of reading.rows()) rows.push(...batch);
  reading.close();
  assert.deepEqual(problems, [
    `cannot read log file "${packed}": its compressed data end too early (Z_BUF_ERROR)`,
  ]);
  assert.equal(textOf(rows.at(-1) as LogRow), "1999");
  assert.ok(rows.length > 200);
});

test("a last row without its newline is not told while it may be in the writing, and is where no more comes", async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, "web.log");
  fs.writeFileSync(path, "- web 2 out whole\n- web 3 out ha");
  fs.writeFileSync(`${path}.20260101T000000.000000Z`, "- web 1 out torn");
  assert.deepEqual((await readAll(path)).map(textOf), ["torn", "whole"]);
  assert.deepEqual((await readAll(path, { lines: 1 })).map(textOf), ["whole"]);
});

test("rows of several services are merged by time, and those of one never change places", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.option(fc.nat(20)), { maxLength: 30 }), { minLength: 1, maxLength: 4 }),
      async (services) => {
        const streams = services.map(async function* stream(times, service): AsyncGenerator<
          readonly LogRow[]
        > {
          const rows = times.map((timeMicros, seq): LogRow => ({
            kind: "begin",
            service: `${service}`,
            timeMicros,
            seq,
            run: null,
            text: "",
          }));
          for (let at = 0; at < rows.length; at += 3) yield rows.slice(at, at + 3);
        });
        const merged: LogRow[] = [];
        for await (const batch of mergeRows(streams)) merged.push(...batch);
        assert.equal(merged.length, services.flat().length);
        let last = Number.NEGATIVE_INFINITY;
        const reached = new Map<string, number>();
        for (const { service, seq, timeMicros } of merged) {
          assert.equal(
            seq,
            merged.filter((row) => row.service === service).findIndex((row) => row.seq === seq),
          );
          const own = Math.max(
            timeMicros ?? Number.NEGATIVE_INFINITY,
            reached.get(service) ?? Number.NEGATIVE_INFINITY,
          );
          reached.set(service, own);
          assert.ok(own >= last || services.length === 1);
          last = own;
        }
      },
    ),
    { numRuns: 200 },
  );
});
