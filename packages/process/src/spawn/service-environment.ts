import { nameOf } from "../environment.js";
import type { Credentials } from "./credentials.js";

/** Set anew for each run by whoever starts it: what we ourselves were given under these names was meant for us alone. */
export const RUN_VARIABLES: ReadonlySet<string> = new Set([
  "INVOCATION_ID",
  "NOTIFY_SOCKET",
  "NOTIFY_FD",
  "WATCHDOG_USEC",
  "WATCHDOG_PID",
  "LISTEN_FDS",
  "LISTEN_PID",
  "LISTEN_FDNAMES",
  "MAINPID",
  "JOURNAL_STREAM",
]);

/** Name the former directory of a shell, or the per-user sockets of the user we run as. */
const ANOTHER_DIRECTORY: ReadonlySet<string> = new Set(["OLDPWD"]);
const ANOTHER_USER: ReadonlySet<string> = new Set([
  "XDG_RUNTIME_DIR",
  "DBUS_SESSION_BUS_ADDRESS",
  "MAIL",
]);

/** The parts of an environment that are the same for each run of a service. */
export interface EnvironmentPlan {
  readonly entries: readonly (string | Uint8Array)[];
  /** Run variables that the spec sets itself: its value stands. Null (nearly always): none. */
  readonly fixed: ReadonlySet<string> | null;
  /** PATH as the service will have it; null: not set. */
  readonly path: string | null;
}

export interface EnvironmentRequest {
  /** Our own, or empty where the service does not inherit it. */
  readonly inherited: readonly Uint8Array[];
  readonly drop: readonly string[];
  readonly own: Readonly<Record<string, string>>;
  /** Null: only `own` counts; nothing is added to it. */
  readonly derived: { readonly workingDirectory: string; readonly credentials: Credentials } | null;
  /** It gets a terminal of its own: TERM must name one, and COLUMNS and LINES would be those of another. */
  readonly tty?: boolean;
}

/** What a service with a terminal finds in TERM where nothing better is known: what is attached will understand it. */
const ORDINARY_TERMINAL = "xterm-256color";

/** TERM of programs that have no terminal, or whose terminal nobody knows. */
const NO_TERMINAL: ReadonlySet<string> = new Set(["", "dumb", "unknown"]);

/** The spec's value wins over a derived one (HOME, USER, LOGNAME, SHELL, PWD), and that over an inherited one. */
export function planEnvironment(request: EnvironmentRequest): EnvironmentPlan {
  const set = new Map<string, string>();
  const removed = new Set<string>([...RUN_VARIABLES, ...request.drop]);
  if (request.derived !== null) {
    const { workingDirectory, credentials } = request.derived;
    for (const name of ANOTHER_DIRECTORY) removed.add(name);
    set.set("PWD", workingDirectory);
    if (credentials.entry !== null) {
      set.set("HOME", credentials.entry.home === "" ? "/" : credentials.entry.home);
      set.set("USER", credentials.entry.name);
      set.set("LOGNAME", credentials.entry.name);
      set.set("SHELL", credentials.entry.shell === "" ? "/bin/sh" : credentials.entry.shell);
      if (credentials.uid !== null) for (const name of ANOTHER_USER) removed.add(name);
    }
  }
  if (request.tty === true) {
    removed.add("COLUMNS").add("LINES");
    const inherited = request.inherited.find((entry) => nameOf(entry) === "TERM");
    const term = inherited === undefined ? "" : Buffer.from(inherited).toString("utf8", 5);
    if (NO_TERMINAL.has(term)) set.set("TERM", ORDINARY_TERMINAL);
  }
  for (const [name, value] of Object.entries(request.own)) set.set(name, value);
  // Ours alone to set: by it the processes of a run are known again.
  set.delete("INVOCATION_ID");

  const entries: (string | Uint8Array)[] = [];
  let path: string | null = set.get("PATH") ?? null;
  const replaced = new Set(
    [...set.keys()].map((name) => Buffer.from(name, "utf8").toString("latin1")),
  );
  for (const entry of request.inherited) {
    const name = nameOf(entry);
    if (name !== null && (removed.has(name) || replaced.has(name))) continue;
    const shown = exactText(entry);
    entries.push(shown);
    if (name === "PATH" && path === null) path = Buffer.from(entry).toString("utf8", 5);
  }
  for (const [name, value] of set) entries.push(`${name}=${value}`);

  const fixed = new Set<string>();
  for (const name of RUN_VARIABLES) if (set.has(name)) fixed.add(name);
  return { entries, fixed: fixed.size === 0 ? null : fixed, path };
}

/** A string where the bytes are UTF-8 (strings cross to the kernel faster), else the bytes. */
function exactText(entry: Uint8Array): string | Uint8Array {
  const bytes = Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength);
  const text = bytes.toString("utf8");
  return Buffer.byteLength(text) === bytes.length && !text.includes("\ufffd") ? text : entry;
}
