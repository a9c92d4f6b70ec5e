/** One SD-ELEMENT of RFC 5424, section 6.3: an identifier and its parameters in their order; names may occur more than once. */
export interface StructuredElement {
  readonly id: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** What is to be said, before it has a form. */
export interface SyslogMessage {
  /** 0 to 23; see {@link syslogFacilities}. */
  readonly facility: number;
  /** 0 (emerg) to 7 (debug). */
  readonly level: number;
  /** Microseconds since 1970 (UTC). */
  readonly timeMicros: number;
  /** How far local time is ahead of UTC then; RFC 3164 tells local time without saying so. */
  readonly offsetMinutes: number;
  readonly host: string | null;
  /** APP-NAME, or the tag: who speaks. */
  readonly app: string | null;
  /** PROCID: mostly the PID. */
  readonly processId: string | null;
  /** MSGID; RFC 5424 alone has it. */
  readonly messageId: string | null;
  /** RFC 5424 alone has it. */
  readonly structuredData: readonly StructuredElement[];
  readonly text: string;
}

/** When a message says that it was sent. RFC 3164 tells neither year nor zone; what it lacks is for the reader to add. */
export type SyslogTime =
  | { readonly kind: "instant"; readonly micros: number; readonly offsetMinutes: number }
  | {
      readonly kind: "yearless";
      /** 1 to 12. */
      readonly month: number;
      readonly day: number;
      readonly hour: number;
      readonly minute: number;
      readonly second: number;
    };

/** Part of a message that was there and could not be read; it is in the text, or left out where it was a single field. */
export type SyslogFault = "priority" | "version" | "header" | "time" | "structured data";

/** A message that was received. */
export interface ParsedSyslog {
  /** "bare": neither form was recognised, and all that follows the priority is the text. */
  readonly form: "rfc5424" | "rfc3164" | "bare";
  /** 1 (user) where the message told no priority. */
  readonly facility: number;
  /** 5 (notice) where the message told no priority. */
  readonly level: number;
  readonly time: SyslogTime | null;
  readonly host: string | null;
  readonly app: string | null;
  readonly processId: string | null;
  readonly messageId: string | null;
  readonly structuredData: readonly StructuredElement[];
  /** Without byte order mark and without the newlines and NULs at its end; bytes that are not UTF-8 are U+FFFD. */
  readonly text: string;
  /** Where the bytes of the text stand in the message, for those who want them as they are. */
  readonly textStart: number;
  readonly textEnd: number;
  readonly faults: readonly SyslogFault[];
}
