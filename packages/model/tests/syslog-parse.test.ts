import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { parseSyslog } from "@supervise/model";
import type { ParsedSyslog, ParseSyslogOptions } from "@supervise/model";

/** Bytes written as characters of one byte each. */
const parse = (message: string, options?: ParseSyslogOptions): ParsedSyslog =>
  parseSyslog(Buffer.from(message, "latin1"), options);

/** The fields that differ from those of an empty message. */
function told(parsed: ParsedSyslog): Partial<ParsedSyslog> {
  const empty = parse("<13>");
  const differs = ([name, value]: [string, unknown]): boolean =>
    !name.startsWith("text") && JSON.stringify(value) !== JSON.stringify(Reflect.get(empty, name));
  return Object.fromEntries([
    ...Object.entries(parsed).filter((each) => differs(each)),
    ["text", parsed.text],
  ]);
}

const noon = { kind: "yearless", month: 10, day: 11, hour: 22, minute: 14, second: 15 } as const;

/** The examples of RFC 3164, section 5.4, and what else syslog daemons meet. */
const traditional: readonly (readonly [string, Partial<ParsedSyslog>, ParseSyslogOptions?])[] = [
  [
    "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
    {
      facility: 4,
      level: 2,
      time: noon,
      host: "mymachine",
      app: "su",
      text: "'su root' failed for lonvick on /dev/pts/8",
    },
  ],
  ["Use the BFG!", { form: "bare", faults: ["priority"], text: "Use the BFG!" }],
  [
    "<0>1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All Folks!",
    {
      form: "bare",
      facility: 0,
      level: 0,
      text: "1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All Folks!",
    },
  ],
  [
    "<13>Oct 11 22:14:15 sshd[77]: hello\n",
    { time: noon, app: "sshd", processId: "77", text: "hello" },
  ],
  [
    "<13>Oct 11 22:14:15 sshd[77]: hello\0",
    { time: noon, app: "sshd", processId: "77", text: "hello" },
  ],
  ["<13>Oct 11 22:14:15 no tag at all", { time: noon, text: "no tag at all" }],
  ["<13>Oct 11 22:14:15 ", { time: noon, text: "" }],
  ["<13>Oct 11 22:14:15", { time: noon, text: "" }],
  ["<13>Oct 11 22:14:15 a:", { time: noon, app: "a", text: "" }],
  ["<13>Oct 32 22:14:15 a: b", { form: "bare", text: "Oct 32 22:14:15 a: b" }],
  ["<13>Oct 11 24:14:15 a: b", { form: "bare", text: "Oct 11 24:14:15 a: b" }],
  ["<13>a[1]: b: c", { app: "a", processId: "1", text: "b: c" }],
  [
    "<13>2003-10-11T22:14:15Z host a: b",
    {
      time: { kind: "instant", micros: 1_065_910_455_000_000, offsetMinutes: 0 },
      host: "host",
      app: "a",
      text: "b",
    },
  ],
  [
    "<13>Oct 11 22:14:15 my daemon[1]: hi",
    { time: noon, host: "my", app: "daemon", processId: "1", text: "hi" },
  ],
  [
    "<13>Oct 11 22:14:15 my daemon[1]: hi",
    { time: noon, app: "my daemon", processId: "1", text: "hi" },
    { host: "none" },
  ],
  ["<192>a: b", { form: "bare", faults: ["priority"], text: "<192>a: b" }],
  ["<1a>b", { form: "bare", faults: ["priority"], text: "<1a>b" }],
  ["<13", { form: "bare", faults: ["priority"], text: "<13" }],
  ["<13>2 something new", { form: "bare", faults: ["version"], text: "2 something new" }],
  [
    "<13>1 apple a day and no more than that",
    { form: "bare", faults: ["version"], text: "1 apple a day and no more than that" },
  ],
];

test("old messages give what they have, and what they lack is not invented", () => {
  for (const [message, expected, options] of traditional) {
    const { form = "rfc3164", ...rest } = expected;
    const parsed = parse(message, options);
    equal(parsed.form, form, message);
    const { form: _form, ...found } = told(parsed);
    deepEqual(found, rest, message);
  }
});

const at = (micros: number, offsetMinutes: number) =>
  ({ kind: "instant", micros, offsetMinutes }) as const;
const example = { time: at(1_065_910_455_003_000, 0), host: "mymachine.example.com" };
const data = `exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"`;
const element = {
  id: "exampleSDID@32473",
  parameters: [
    ["iut", "3"],
    ["eventSource", "Application"],
    ["eventID", "1011"],
  ],
} as const;

/** The examples of RFC 5424, section 6.5, and its edges. */
const modern: readonly (readonly [string, Partial<ParsedSyslog>])[] = [
  [
    "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \u{EF}\u{BB}\u{BF}'su root' failed for lonvick on /dev/pts/8",
    {
      ...example,
      facility: 4,
      level: 2,
      app: "su",
      messageId: "ID47",
      text: "'su root' failed for lonvick on /dev/pts/8",
    },
  ],
  [
    "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
    {
      time: at(1_061_727_255_000_003, -420),
      host: "192.0.2.1",
      facility: 20,
      app: "myproc",
      processId: "8710",
      text: "%% It's time to make the do-nuts.",
    },
  ],
  [
    `<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [${data}] An application event`,
    {
      ...example,
      facility: 20,
      app: "evntslog",
      messageId: "ID47",
      structuredData: [element],
      text: "An application event",
    },
  ],
  [
    `<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [${data}][examplePriority@32473 class="high"]`,
    {
      ...example,
      facility: 20,
      app: "evntslog",
      messageId: "ID47",
      structuredData: [element, { id: "examplePriority@32473", parameters: [["class", "high"]] }],
      text: "",
    },
  ],
  ["<13>1 - - - - - -", { text: "" }],
  ["<13>1 - - - - - - ", { text: "" }],
  ["<13>1 - - - - - -  two", { text: " two" }],
  [
    String.raw`<13>1 - - - - - [a b="\"\]\\\n"] x`,
    { structuredData: [{ id: "a", parameters: [["b", String.raw`"]\\n`]] }], text: "x" },
  ],
  [`<13>1 - - - - - [a] x`, { structuredData: [{ id: "a", parameters: [] }], text: "x" }],
  [
    `<13>1 - - - - - [a b="c"] [d]`,
    { structuredData: [{ id: "a", parameters: [["b", "c"]] }], text: "[d]" },
  ],
  ["<13>1 2003-02-30T00:00:00Z h - - - - x", { host: "h", faults: ["time"], text: "x" }],
  ["<13>1 2003-10-11T22:14:60Z h - - - - x", { host: "h", faults: ["time"], text: "x" }],
  ["<13>1 - h a", { host: "h", faults: ["header"], text: "a" }],
  ["<13>1 - h a 1 m", { host: "h", app: "a", processId: "1", faults: ["header"], text: "m" }],
  ...[
    `[a b="c]"] x`,
    `[a b="c" x`,
    `[a b=c] x`,
    `[ b="c"] x`,
    `[a b="c"]x`,
    `[a`,
    `[`,
    `x y`,
    `-x`,
  ].map((text): readonly [string, Partial<ParsedSyslog>] => [
    `<13>1 - - a - - ${text}`,
    { app: "a", faults: ["structured data"], text },
  ]),
];

test("new messages give every field; what breaks the rules is text and has its fault", () => {
  for (const [message, expected] of modern) {
    const { form, ...found } = told(parse(message));
    equal(form, "rfc5424", message);
    deepEqual(found, expected, message);
  }
});

test("the bytes of the text can be had as they are", () => {
  const bytes = Buffer.from("<13>Oct 11 22:14:15 a[1]: caf\u{E9} \u{FF}\n", "latin1");
  const { text, textStart, textEnd } = parseSyslog(bytes);
  equal(text, "caf\u{FFFD} \u{FFFD}");
  deepEqual(bytes.subarray(textStart, textEnd).toString("latin1"), "caf\u{E9} \u{FF}");
});
