import { isIP } from "node:net";
import type { Settings } from "./settings.js";

/** Either what the value means, or what would be allowed in its place: the rest of a sentence that begins with "must be". */
type Reading = { readonly setting: Partial<Settings> } | { readonly allowed: string };

interface Key {
  readonly name: string;
  readonly read: (text: string) => Reading;
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** What a timer of Node can wait for, about 24 days. */
const LONGEST_MS = 2_147_483_647;

/** All keys of daemon.conf, in the order in which they are told to people. */
export const KEYS: readonly Key[] = [
  {
    name: "port",
    read(text) {
      const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
      return port >= 0 && port <= 65_535
        ? { setting: { port } }
        : { allowed: "a number from 0 to 65535" };
    },
  },
  {
    name: "bind",
    read: (text) =>
      isIP(text) > 0
        ? { setting: { bind: text } }
        : { allowed: "an IPv4 or IPv6 address such as 127.0.0.1 or ::" },
  },
  { name: "pid_file", read: (text) => path(text, (pidFile) => ({ pidFile })) },
  { name: "log", read: (text) => path(text, (log) => ({ log })) },
  {
    name: "idle_timeout",
    read(text) {
      const found = /^(\d{1,10})\s*(ms|s|m|h)?$/.exec(text);
      const ms = Number(found?.[1] ?? 0) * (UNITS_MS[found?.[2] ?? "s"] ?? 0);
      return ms >= 1 && ms <= LONGEST_MS
        ? { setting: { idleTimeoutMs: ms } }
        : { allowed: "a number of seconds or a duration such as 500ms, 60s or 2m, up to 24 days" };
    },
  },
];

/** The daemon works in "/", so that a relative path would not mean what its writer sees. */
function path(text: string, setting: (path: string) => Partial<Settings>): Reading {
  return /^\/./.test(text)
    ? { setting: setting(text) }
    : { allowed: "an absolute path such as /run/daemond.pid" };
}
