import type { Detail } from "./detail.js";

/** Where a variable of a process came from. */
export type Origin = "configuration" | "supervise" | "inherited" | "itself";

/** Set anew for each run, or from its user and its directory; docs/processes.md. */
const OURS: ReadonlySet<string> = new Set([
  "INVOCATION_ID",
  "NOTIFY_SOCKET",
  "NOTIFY_FD",
  "WATCHDOG_USEC",
  "WATCHDOG_PID",
  "LISTEN_FDS",
  "LISTEN_PID",
  "LISTEN_FDNAMES",
  "MAINPID",
  "PWD",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
]);

/** Null: the configuration is not known yet. A value that is not the configuration's was set by a program in between. */
export function originOf(
  configured: Detail["configured"],
  name: string,
  value: string,
): Origin | null {
  if (configured === null) return null;
  const own = configured.environment[name];
  if (own !== undefined) return own === value ? "configuration" : "itself";
  if (OURS.has(name)) return "supervise";
  return configured.inheritEnvironment ? "inherited" : "itself";
}

/** An entry "KEY=value" as text; bytes that are not UTF-8 are U+FFFD. */
export function splitEntry(entry: Uint8Array): { readonly name: string; readonly value: string } {
  const text = Buffer.from(entry).toString("utf8");
  const at = text.indexOf("=");
  return at < 0
    ? { name: text, value: "" }
    : { name: text.slice(0, at), value: text.slice(at + 1) };
}

const SECRET_NAME =
  /pass(word|wd|phrase)?|secret|token|credential|private|api_?key|auth|(^|_)key($|_)|dsn/i;
/** A password in an address: "postgres://user:password@host". */
const SECRET_VALUE = /^[a-z][a-z0-9+.-]*:\/\/[^/@\s:]*:[^/@\s]+@/i;

/** By its name, or by a password in its value. An empty value hides nothing. */
export function isSecret(name: string, value: string): boolean {
  return value !== "" && (SECRET_NAME.test(name) || SECRET_VALUE.test(value));
}
