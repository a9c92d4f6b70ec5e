import type { StructuredElement, SyslogFault } from "./message.js";
import type { Reading } from "./parse.js";
import { textOf } from "./source.js";
import type { Source } from "./source.js";
import { parseInstant } from "./time.js";

const byteOrderMark = "\u{EF}\u{BB}\u{BF}";

/** Null where the version is not 1: then this is another form. */
export function readModern(source: Source, start: number): Reading | null {
  const { raw } = source;
  if (!raw.startsWith("1 ", start)) return null;
  const faults: SyslogFault[] = [];
  const fields: (string | null)[] = [];
  let at = start + 2;
  while (fields.length < 5) {
    const space = raw.indexOf(" ", at);
    if (space <= at) break;
    fields.push(raw[at] === "-" && space === at + 1 ? null : textOf(source, at, space));
    at = space + 1;
  }
  const [timeText = null, host = null, app = null, processId = null, messageId = null] = fields;
  const time = timeText === null ? null : parseInstant(timeText);
  // "1 " at the beginning of an old message is no version: then neither a time nor structured data stands where it should.
  if (fields.length === 0) return null;
  const data = fields.length === 5 ? readStructuredData(source, at) : null;
  if (timeText !== null && time === null) {
    if (data === null) return null;
    faults.push("time");
  }
  if (data === null) faults.push(fields.length === 5 ? "structured data" : "header");
  let textStart = data?.next ?? at;
  if (raw.startsWith(byteOrderMark, textStart)) textStart += byteOrderMark.length;
  const structuredData = data?.elements ?? [];
  return {
    form: "rfc5424",
    time,
    host,
    app,
    processId,
    messageId,
    structuredData,
    textStart,
    faults,
  };
}

/** The elements and where the text begins; null where they break the rules, and all of it is then text. Section 6.3. */
function readStructuredData(
  source: Source,
  start: number,
): { readonly elements: readonly StructuredElement[]; readonly next: number } | null {
  const elements: StructuredElement[] = [];
  let at = start;
  if (source.raw[at] === "-") at += 1;
  else
    while (source.raw[at] === "[") {
      const read = readElement(source, at + 1);
      if (read === null) return null;
      elements.push(read.element);
      at = read.next;
    }
  if (at === start) return null;
  if (at >= source.end) return { elements, next: source.end };
  return source.raw[at] === " " ? { elements, next: at + 1 } : null;
}

/** SD-NAME: printable ASCII without `=`, `]`, `"` and the space. */
const namePattern = /[!#-<>-\\^-~]+/y;

function readElement(
  source: Source,
  start: number,
): { readonly element: StructuredElement; readonly next: number } | null {
  const { raw } = source;
  const id = nameAt(raw, start);
  if (id === null) return null;
  const parameters: (readonly [string, string])[] = [];
  let at = start + id.length;
  while (raw[at] === " ") {
    const name = nameAt(raw, at + 1);
    if (name === null || !raw.startsWith('="', at + 1 + name.length)) return null;
    const valueStart = at + name.length + 3;
    const valueEnd = endOfValue(source, valueStart);
    if (valueEnd === null) return null;
    // A backslash before any other character is itself: section 6.3.3.
    const value = textOf(source, valueStart, valueEnd).replaceAll(/\\(["\\\]])/g, "$1");
    parameters.push([name, value]);
    at = valueEnd + 1;
  }
  return raw[at] === "]" ? { element: { id, parameters }, next: at + 1 } : null;
}

function nameAt(raw: string, at: number): string | null {
  namePattern.lastIndex = at;
  return namePattern.exec(raw)?.[0] ?? null;
}

/** Where the closing quote stands, or null where there is none, or a `]` that is not escaped. */
function endOfValue(source: Source, start: number): number | null {
  for (let at = start; at < source.end; at += 1) {
    const character = source.raw[at];
    if (character === '"') return at;
    if (character === "]") return null;
    if (character === "\\" && /["\\\]]/.test(source.raw[at + 1] ?? "")) at += 1;
  }
  return null;
}
