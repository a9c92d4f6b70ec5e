import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { formatSyslog, parseSyslog, utf8Prefix } from "@supervise/model";
import type { SyslogMessage } from "@supervise/model";

/** Pieces of which messages are made, so that random ones go deep into the readers. */
const pieces = fc.constantFrom(
  ...'<|13|>|<13>|<191>|<999>|1 |2 |-| |  |:|: |[|]|"|=|\\|\\]|a|id@1|\n|\0|\u{FEFF}|\u{E9}|\u{1F600}|Oct 11 22:14:15 |2003-10-11T22:14:15.003Z |[a b="c"]|sshd[1]: '.split(
    "|",
  ),
);
const garbage = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.array(pieces, { maxLength: 40 }).map((list) => new Uint8Array(Buffer.from(list.join("")))),
  fc
    .tuple(fc.array(pieces, { maxLength: 20 }), fc.uint8Array({ maxLength: 20 }))
    .map(([list, bytes]) => new Uint8Array(Buffer.concat([Buffer.from(list.join("")), bytes]))),
);

test("whatever the bytes are, they are a message, and its text is the end of them", () => {
  fc.assert(
    fc.property(garbage, fc.constantFrom("guess", "none"), (bytes, host) => {
      const parsed = parseSyslog(bytes, { host });
      ok(parsed.facility >= 0 && parsed.facility <= 23 && parsed.level >= 0 && parsed.level <= 7);
      ok(parsed.textStart <= parsed.textEnd && parsed.textEnd <= bytes.length);
      // The decoder of the platform is the judge of ours.
      const text = bytes.subarray(parsed.textStart, parsed.textEnd);
      equal(parsed.text, new TextDecoder("utf-8", { ignoreBOM: true }).decode(text));
      if (parsed.form === "bare")
        deepEqual([parsed.app, parsed.host, parsed.time], [null, null, null]);
    }),
    { numRuns: 30_000 },
  );
});

test("a long message is read in time that grows with its length", () => {
  for (const piece of [
    "<",
    "[",
    "a ",
    "a:",
    '[a b="',
    "\\",
    "Oct 11 22:14:15 ",
    "1 ",
    "\u{FFFD}",
  ]) {
    const bytes = Buffer.from(`<13>1 - - - - - ${piece.repeat(200_000)}`);
    equal(parseSyslog(bytes).textEnd, bytes.length - (piece.endsWith("\n") ? 1 : 0));
    equal(parseSyslog(bytes.subarray(16)).level, 5);
  }
});

const printable = (most: number): fc.Arbitrary<string | null> =>
  fc.option(
    fc
      .string({
        minLength: 1,
        maxLength: most,
        unit: fc.constantFrom(..."abcXYZ019.-/@_".split("")),
      })
      .filter((value) => value !== "-"),
  );
const dataName = fc.string({
  minLength: 1,
  maxLength: 32,
  unit: fc.constantFrom(..."abc@19.-".split("")),
});
/** No newline or NUL at the end, which are taken for the frame, and no mark at the beginning, which is taken for one. */
const text = fc
  .string({ unit: "binary", maxLength: 200 })
  .filter((value) => !/[\n\0]|^\u{FEFF}/u.test(value));
const message: fc.Arbitrary<SyslogMessage> = fc.record({
  facility: fc.integer({ min: 0, max: 23 }),
  level: fc.integer({ min: 0, max: 7 }),
  timeMicros: fc.integer({ min: 0, max: 4e15 }),
  offsetMinutes: fc.integer({ min: -1439, max: 1439 }),
  host: printable(255),
  app: printable(48),
  processId: printable(128),
  messageId: printable(32),
  structuredData: fc.array(
    fc
      .tuple(dataName, fc.array(fc.tuple(dataName, text), { maxLength: 4 }))
      .map(([id, parameters]) => ({ id, parameters })),
    { maxLength: 3 },
  ),
  text,
});

test("what RFC 5424 was written from is what is read", () => {
  fc.assert(
    fc.property(message, (said) => {
      const bytes = Buffer.from(formatSyslog(said, "rfc5424"));
      const { form, time, textStart, textEnd, faults, ...read } = parseSyslog(bytes);
      const { timeMicros, offsetMinutes, ...expected } = said;
      equal(form, "rfc5424");
      deepEqual(faults, []);
      deepEqual(time, { kind: "instant", micros: timeMicros, offsetMinutes });
      deepEqual(read, expected);
      equal(bytes.toString("utf8", textStart, textEnd), said.text);
    }),
    { numRuns: 5000 },
  );
});

test("what RFC 3164 was written from is what is read, as far as that form tells it", () => {
  fc.assert(
    fc.property(message, fc.constantFrom("local", "rfc3164"), (whole, form) => {
      const said = { ...whole, app: (whole.app ?? "a").slice(0, 32) };
      const read = parseSyslog(Buffer.from(formatSyslog(said, form)));
      const local = new Date(Math.floor(said.timeMicros / 1000) + said.offsetMinutes * 60_000);
      deepEqual(
        {
          form: read.form,
          app: read.app,
          processId: read.processId,
          host: read.host,
          text: read.text,
          priority: read.facility * 8 + read.level,
          time: read.time,
        },
        {
          form: "rfc3164",
          app: said.app,
          processId: said.processId,
          host: form === "local" ? null : (said.host ?? "localhost"),
          text: said.text,
          priority: said.facility * 8 + said.level,
          time: {
            kind: "yearless",
            month: local.getUTCMonth() + 1,
            day: local.getUTCDate(),
            hour: local.getUTCHours(),
            minute: local.getUTCMinutes(),
            second: local.getUTCSeconds(),
          },
        },
      );
    }),
    { numRuns: 5000 },
  );
});

test("fields that no form can hold are made to fit, and the fields after them stay where they are", () => {
  const any = fc.string({ unit: "binary", maxLength: 400 });
  const wild = fc.record({ host: any, app: any, processId: any, messageId: any, id: any });
  fc.assert(
    fc.property(wild, ({ id, ...fields }) => {
      const said: SyslogMessage = {
        ...fields,
        facility: 3,
        level: 6,
        timeMicros: 0,
        offsetMinutes: 0,
        structuredData: [{ id, parameters: [[id, id]] }],
        text: "end",
      };
      const read = parseSyslog(Buffer.from(formatSyslog(said, "rfc5424")));
      deepEqual([read.form, read.text, read.faults], ["rfc5424", "end", []]);
      equal(read.structuredData[0]?.parameters[0]?.[1], id.replaceAll("\0", "#000"));
      ok((read.host ?? "").length <= 255 && (read.app ?? "").length <= 48);
      equal(parseSyslog(Buffer.from(formatSyslog(said, "rfc3164"))).text, "end");
    }),
    {
      numRuns: 3000,
      examples: ["<", ">", "[", "]", ":"].map((app) => [
        { host: "", app, processId: "", messageId: "", id: "" },
      ]),
    },
  );
});

test("a text is cut between two characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(60), (whole, most) => {
      const bytes = Buffer.from(whole);
      const kept = utf8Prefix(bytes, most);
      ok(kept <= most && (kept > most - 4 || kept === bytes.length));
      ok(whole.startsWith(bytes.toString("utf8", 0, kept)));
    }),
  );
});
