import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { jsonFields, levelOfLine } from "#log/reading/line-level.js";
import { foldFields } from "#log/reading/fold-fields.js";
import type { LogRow } from "#log/reading/log-row.js";
import { parseLogfmt } from "#log/reading/logfmt-row.js";
import { RowParser } from "#log/reading/parse-row.js";
import type { LogFormat, TimeStampStyle } from "@supervise/model";
import { temporaryDirectory } from "@supervise/testkit";
import * as fc from "fast-check";

import { fileLogging } from "./file-logging.js";
import { scene, startMicros } from "./hub-scene.js";
import { readAll } from "./reading-scene.js";

const parse = (text: string | Buffer): LogRow => {
  const bytes = Buffer.from(text);
  return new RowParser("web", "auto").parse(bytes, 0, bytes.length);
};

/** Lines as they may be: words, JSON, rows of our own, any bytes but the newline. */
const anyLine = fc.oneof(
  fc.string().map((text) => Buffer.from(text.replaceAll("\n", " "))),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10))),
  fc.json().map((text) => Buffer.from(text.replaceAll("\n", " "))),
  fc
    .constantFrom("", " ", "out", '"', "\\", "a=b", "{}", "begin run 3", "-", "\r")
    .map((text) => Buffer.from(text)),
);

const formats: readonly LogFormat[] = ["plain", "json", "logfmt"];
const styles: readonly TimeStampStyle[] = ["utc", "local", "tai64n", "none"];

for (const format of formats) {
  for (const timestamps of styles) {
    test(`what the sink writes as ${format} with ${timestamps} time is read as it was`, async (t) => {
      const directory = temporaryDirectory(t);
      let round = 0;
      const chunks = fc.array(
        fc.record({ err: fc.boolean(), lines: fc.array(anyLine, { minLength: 1, maxLength: 5 }) }),
        { minLength: 1, maxLength: 6 },
      );
      await fc.assert(
        fc.asyncProperty(chunks, async (written) => {
          const path = join(directory, `${(round += 1)}.log`);
          const { kernel, hub, service } = scene({ terminal: null });
          const web = service("web", fileLogging(path, { format, timestamps }));
          hub.markRun("web", { kind: "begin", run: 1, pid: 4123 });
          for (const { err, lines } of written) {
            for (const line of lines)
              kernel.push(err ? web.stderr : web.stdout, Buffer.concat([line, Buffer.from("\n")]));
            await kernel.settle();
          }
          hub.markRun("web", { kind: "end", run: 1, text: "exited with code 1" });
          hub.close();
          const rows = await readAll(path);
          const wanted = written.flatMap(({ err, lines }) =>
            lines.map((line) => `${err ? "err" : "out"} ${line.toString("hex")}`),
          );
          assert.deepEqual(
            rows.flatMap((row) =>
              row.kind === "line" ? [`${row.stream} ${row.bytes.toString("hex")}`] : [],
            ),
            wanted,
          );
          assert.deepEqual(
            rows.flatMap((row) => (row.kind === "line" ? [row.seq] : [])),
            wanted.map((_, index) => index + 1),
          );
          assert.deepEqual(
            rows.flatMap((row) =>
              row.kind === "begin" || row.kind === "end"
                ? [`${row.kind} ${row.run} ${row.text}`]
                : [],
            ),
            ["begin 1 run 1, pid 4123", "end 1 run 1 exited with code 1"],
          );
          for (const { timeMicros } of rows) {
            if (timestamps === "none") assert.equal(timeMicros, null);
            else
              assert.ok(
                timeMicros !== null && timeMicros >= startMicros && timeMicros < startMicros + 1000,
              );
          }
        }),
        { numRuns: 25 },
      );
    });
  }
}

test("a row of every kind says what it is", () => {
  const time = "2026-01-02T03:04:05.123456Z";
  const line = parse(`${time} web 17 out listening on 8080`);
  assert.ok(line.kind === "line");
  assert.deepEqual(
    { ...line, bytes: line.bytes.toString() },
    {
      kind: "line",
      service: "web",
      timeMicros: startMicros,
      seq: 17,
      run: null,
      stream: "out",
      partial: false,
      bytes: "listening on 8080",
      level: null,
      facility: null,
    },
  );
  const part = parse(`${time} web 18 err+ half`);
  assert.ok(part.kind === "line" && part.partial && part.stream === "err");
  const old = parse(`${time} web out 12 err it was 12`);
  assert.ok(old.kind === "line" && old.seq === null && old.bytes.toString() === "12 err it was 12");
  const syslog = parse(`- web 19 daemon.warning no disk`);
  assert.ok(syslog.kind === "line" && syslog.stream === "log");
  assert.deepEqual([syslog.level, syslog.facility, syslog.timeMicros], [4, "daemon", null]);
  assert.deepEqual(parse(`${time} web 21 gap 1042 lines lost: no space left on device (ENOSPC)`), {
    kind: "gap",
    service: "web",
    timeMicros: startMicros,
    seq: 21,
    run: null,
    lines: 1042,
    cause: "no space left on device (ENOSPC)",
  });
  assert.deepEqual(parse(`${time} web - begin run 3, pid 4123`), {
    kind: "begin",
    service: "web",
    timeMicros: startMicros,
    seq: null,
    run: 3,
    text: "run 3, pid 4123",
  });
});

const notRows: readonly string[] = [
  "",
  " ",
  "hello",
  "2026-01-02T03:04:05.123456Z",
  "2026-01-02T03:04:05.123456Z web",
  "2026-01-02T03:04:05.123456Z web 17 other text",
  "2026-13-02T03:04:05.123456Z web 17 out text",
  "2026-01-02T03:04:05.123456 web 17 out text",
  "2026-01-02T03:04:05.Z web 17 out text",
  "2026-01-02T03:04:05.123456Z web 17 gap many lines lost",
  "2026-01-02T03:04:05.123456Z web 1234567890123456 out x",
  "@4000000069573345 web 17 out x",
  '{"service":"web"}',
  '{"service":"web","stream":"out"}',
  '{"service":"web","stream":"out","time":"soon","text":"x"}',
  "{",
  "[]",
  "time=x service=web stream=out text=y",
  'service=web stream=out text="y',
  'service=web stream=out text="\\q"',
  "2026-01-02T03:04:05.123456Z  17 out text",
  "2026-01-02T03:04:05.123456Z web 17 kern.loud text",
];

for (const text of notRows) {
  test(`no row: ${JSON.stringify(text)}`, () => {
    const row = parse(text);
    assert.equal(row.kind, "foreign");
    assert.ok(row.kind === "foreign" && row.bytes.toString() === text);
  });
}

test("a raw file's rows are lines, whatever they look like", () => {
  const text = Buffer.from("2026-01-02T03:04:05.123456Z web 17 out text");
  const row = new RowParser("db", "raw").parse(text, 0, text.length);
  assert.ok(row.kind === "line" && row.service === "db" && row.seq === null);
  assert.equal(row.bytes.toString(), text.toString());
});

const seeds = [
  "2026-01-02T03:04:05.123456Z web 17 out listening on 8080",
  "2026-01-02T04:04:05.123456+01:00 web 21 gap 1042 lines lost: no space",
  "@4000000069573345075bca00 web - begin run 3, pid 4123",
  '{"time":"2026-01-02T03:04:05.123456Z","service":"web-1","run":3,"seq":17,"stream":"out","text":"listening on 8080"}',
  'time=2026-01-02T03:04:05.123456Z service=web-1 run=3 seq=17 stream=out text="listening on 8080"',
  "- web 19 daemon.warning+ no disk",
];

test("fuzz: no bytes make a parser throw, and no content is lost", () => {
  const mutated = fc
    .tuple(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(130), fc.nat(3), fc.nat(255)), { maxLength: 6 }),
    )
    .map(([seed, changes]) => {
      const bytes = [...Buffer.from(seed)];
      for (const [at, kind, byte] of changes) {
        if (kind === 0) bytes.splice(at, 1);
        else if (kind === 1) bytes.splice(at, 0, byte);
        else if (kind === 2) bytes.length = Math.min(bytes.length, at);
        else bytes[Math.min(at, bytes.length)] = byte;
      }
      return Buffer.from(bytes);
    });
  fc.assert(
    fc.property(
      fc.oneof(
        mutated,
        fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      ),
      (bytes) => {
        const row = new RowParser("web", "auto").parse(bytes, 0, bytes.length);
        if (row.kind === "foreign") assert.ok(row.bytes.equals(bytes));
        if (row.kind === "gap") assert.ok(Number.isSafeInteger(row.lines) && row.lines >= 0);
        if (row.timeMicros !== null) assert.ok(Number.isFinite(row.timeMicros));
        assert.ok(row.seq === null || (Number.isSafeInteger(row.seq) && row.seq >= 0));
        parseLogfmt(bytes.toString("utf8"));
      },
    ),
    { numRuns: 3000 },
  );
});

test("fuzz: every JSON object is folded, and nothing of it is left out", () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.oneof(fc.string(), fc.constantFrom("level", "msg", "time", "ts", "@l")),
        fc.jsonValue(),
      ),
      (object) => {
        const fields = jsonFields(JSON.stringify(object));
        assert.ok(fields !== null);
        const { label, time, message, rest } = foldFields(fields);
        const shown = [label, time, message].filter((part) => part !== "").length;
        const others = Object.keys(fields).filter(
          (key) => rest.startsWith(`${key}=`) || rest.includes(` ${key}=`),
        );
        assert.ok(shown + others.length >= Object.keys(fields).length, JSON.stringify(object));
      },
    ),
    { numRuns: 500 },
  );
});

const levels: readonly (readonly [text: string, level: number | null])[] = [
  ['{"level":30,"msg":"x"}', 6],
  ['{"level":"warn"}', 4],
  ['{"severity":"ERROR"}', 3],
  ['{"level":60}', 2],
  ['{"level":3}', 3],
  ['{"msg":"error"}', null],
  ["<3>disk is gone", 3],
  ["time=x level=error msg=y", 3],
  ["lvl=dbug x", 7],
  ["2026-01-02 03:04:05 ERROR no disk", 3],
  ["[warn] soon full", 4],
  ["error: no such file", 3],
  ["INFO up", 6],
  ["an error of old", null],
  ["errors: none", null],
  ["NO ERRORS", null],
  ["TRACE x", 8],
  ["", null],
];

for (const [text, level] of levels) {
  test(`level of ${JSON.stringify(text)}: ${level}`, () => {
    assert.equal(levelOfLine(text, jsonFields(text)), level);
  });
}

test("a folded line: level, time and message first, then the rest", () => {
  const fields = jsonFields(
    '{"time":1767323045123,"pid":7,"level":50,"msg":"no disk","err":{"code":5},"path":"/a b"}',
  );
  assert.ok(fields !== null);
  const { label, time, message, rest } = foldFields(fields);
  assert.deepEqual(
    [label, time, message, rest],
    ["ERROR", "03:04:05.123", "no disk", 'pid=7 err={"code":5} path="/a b"'],
  );
});
