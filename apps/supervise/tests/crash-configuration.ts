import { fixture, type FixtureName } from "@supervise/testkit";
import type { Services } from "./harness.js";

type Service = Services[string];

/** Services that neither end nor are stopped while a course lasts: their processes have to stay the same. */
export const STEADY = [
  "rotated",
  "whole",
  "halves",
  "long",
  "plain",
  "notifies",
  "serves",
  "daemon",
  "quiet-1",
  "quiet-2",
  "quiet-3",
  "after",
] as const;

/** Services with numbered lines, and where these are looked for: in which file, and on standard output, where very long ones come in rows. */
export const WRITERS: Readonly<
  Record<string, { readonly file: string | null; readonly terminal: boolean }>
> = {
  rotated: { file: "rotated", terminal: true },
  whole: { file: "whole", terminal: true },
  halves: { file: "halves", terminal: true },
  long: { file: "long", terminal: false },
  ends: { file: "ends", terminal: true },
  flaps: { file: "flaps", terminal: true },
  plain: { file: null, terminal: true },
};

export interface Setting {
  /** Of 127.0.0.1, free. */
  readonly port: number;
  /** Changed by a reload, from 0. */
  readonly version: number;
}

/** A busy project: long-lived, oneshot and forking services, such as write, end, leave orphans and are probed. */
export function busyServices({ port, version }: Setting): Services {
  const file = (path: string, maxSize: string | null): Service => ({
    logging: {
      driver: "file",
      options: {
        path: `logs/${path}.log`,
        ...(maxSize === null ? {} : { "max-size": maxSize, "max-file": "1000" }),
      },
    },
  });
  return {
    rotated: {
      ...stays("rotated", "write-numbered"),
      ...file("rotated", version % 2 === 0 ? "128k" : "96k"),
    },
    whole: { ...stays("whole", "write-numbered", "1000"), ...file("whole", null) },
    halves: { ...stays("halves", "write-numbered", "3000", "halves"), ...file("halves", "8k") },
    long: { ...stays("long", "write-numbered", "90000", "long"), ...file("long", "1m") },
    plain: stays("plain", "write-numbered", "4000"),
    flaps: { ...stays("flaps", "write-numbered", "3000"), ...file("flaps", "64k") },
    ends: {
      ...stays("ends", "end-numbered", "ends.runs"),
      ...file("ends", "6k"),
      restart_delay: "20ms",
    },
    notifies: { ...stays("notifies", "notify-ready"), ready: { notify: true } },
    serves: {
      ...stays("serves", "listen-port", String(port)),
      ready: { tcp: port },
      healthcheck: { test: ["CMD", "true"], interval: "150ms", on_unhealthy: "none" },
    },
    daemon: {
      ...stays("daemon", "go-background", "daemon.pid"),
      type: "forking",
      pidfile: "daemon.pid",
    },
    orphans: {
      ...command("orphans", ["sh", "-c", "sleep 1000 & setsid sleep 1000 & exit 3"]),
      restart: "always",
      restart_delay: "200ms",
      stop_grace_period: "1s",
    },
    quiet: { ...command("quiet", ["sleep", "1000"]), scale: 3, restart: "always" },
    once: { ...command("once", ["sh", "-c", "sleep 0.3"]), type: "oneshot" },
    after: {
      ...command("after", ["sleep", "1000"]),
      restart: "always",
      depends_on: { once: { condition: "service_completed_successfully" } },
    },
    changes: {
      ...command("changes", ["sleep", "1000"], { CRASH_VERSION: String(version) }),
      restart: "always",
    },
    ...(version === 0
      ? {}
      : { [extraService(version)]: command(extraService(version), ["sleep", "1000"]) }),
  };
}

/** The service that a reload adds, and the next one takes away. */
export function extraService(version: number): string {
  return `extra${version}`;
}

function stays(name: string, program: FixtureName, ...words: readonly string[]): Service {
  return { ...command(name, [fixture(program), ...words]), restart: "always" };
}

/** Each start leaves its number in NAME.starts. */
function command(
  name: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Service {
  return {
    command: ["sh", "-c", 'echo $$ >> "$CRASH_SERVICE.starts"; exec "$@"', "sh", ...words],
    environment: { CRASH_SERVICE: name, ...environment },
  };
}
