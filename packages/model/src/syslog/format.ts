import type { StructuredElement, SyslogMessage } from "./message.js";
import { formatInstant, formatYearless } from "./time.js";

/**
 * How a message is written. "local" is what syslog(3) of the C library sends to /dev/log, which is RFC 3164 without the host; "rfc3164" and "rfc5424" are for
 * the network. At /dev/log not every daemon knows them: rsyslog takes the version of RFC 5424 for a tag there, unless told to parse it (UseSpecialParser="off").
 */
export type SyslogForm = "local" | "rfc3164" | "rfc5424";

/** Greatest lengths of RFC 5424, section 6, in characters, which are ASCII. */
const most = { host: 255, app: 48, processId: 128, messageId: 32, name: 32 } as const;
/** Greatest length of a tag: RFC 3164, section 4.1.3. */
const longestTag = 32;

/**
 * The message in its form, without a frame around it. Fields that are too long are cut and what a field may not hold is replaced by "_", so that a reader
 * always finds the fields where they belong. A NUL, which ends a message on a stream, becomes "#000"; other characters of the text stay.
 */
export function formatSyslog(message: SyslogMessage, form: SyslogForm): string {
  const priority = `<${message.facility * 8 + message.level}>`;
  const text = message.text.replaceAll("\0", "#000");
  switch (form) {
    case "local":
      return `${priority}${yearless(message)} ${tag(message, Number.POSITIVE_INFINITY)}${text}`;
    case "rfc3164": {
      const host = field(message.host, most.host) ?? "localhost";
      // Without a tag a reader could not tell the host from the text.
      const named = { ...message, app: message.app || "-" };
      return `${priority}${yearless(message)} ${host} ${tag(named, longestTag)}${text}`;
    }
    case "rfc5424":
      return priority + modern(message, text);
  }
}

function yearless(message: SyslogMessage): string {
  return formatYearless(message.timeMicros, message.offsetMinutes);
}

/** "ident[77]: ", where a colon, a bracket of either kind or a space would end the name too early, or be taken for the beginning of the text. */
function tag(message: SyslogMessage, longest: number): string {
  const name = field(message.app, longest)?.replaceAll(/[:[\]<>]/g, "_");
  if (name === undefined) return "";
  const id = field(message.processId, most.processId)?.replaceAll(/[[\]]/g, "_");
  return id === undefined ? `${name}: ` : `${name}[${id}]: `;
}

function modern(message: SyslogMessage, text: string): string {
  const header = [
    "1",
    formatInstant(message.timeMicros, message.offsetMinutes),
    field(message.host, most.host) ?? "-",
    field(message.app, most.app) ?? "-",
    field(message.processId, most.processId) ?? "-",
    field(message.messageId, most.messageId) ?? "-",
    message.structuredData.map(element).join("") || "-",
  ].join(" ");
  if (text === "") return header;
  // Section 6.4: text that is known to be UTF-8 begins with the byte order mark. ASCII needs none, and readers of lines are spared it.
  return isAscii(text) ? `${header} ${text}` : `${header} \u{FEFF}${text}`;
}

/** PRINTUSASCII of RFC 5424, section 6; null for nothing. */
function field(value: string | null, longest: number): string | null {
  if (value === null || value === "") return null;
  return value.replaceAll(/[^!-~]/gu, "_").slice(0, longest);
}

/** Section 6.3: `[id name="value"]`, with `"`, `\` and `]` of a value escaped. */
function element({ id, parameters }: StructuredElement): string {
  const written = parameters.map(
    ([name, value]) =>
      ` ${dataName(name)}="${value.replaceAll("\0", "#000").replaceAll(/["\\\]]/g, String.raw`\$&`)}"`,
  );
  return `[${dataName(id)}${written.join("")}]`;
}

function dataName(name: string): string {
  return (field(name, most.name) ?? "_").replaceAll(/[=\]"]/g, "_");
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1)
    if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}
