import { fixture, type FixtureName } from "@supervise/testkit";
import type { Services } from "./harness.js";

/** Services whose processes have to stay the same, whatever becomes of their supervisors. */
export const ALONE_STEADY = ["whole", "rotated", "halves", "long", "tells", "quiet"] as const;

/** Those with numbered lines and a log file. */
export const ALONE_WRITERS = ["whole", "rotated", "halves", "long", "flaps"] as const;

/** `version` is changed by a reload, from 0. Each start leaves its number in NAME.starts. */
export function aloneServices(version: number): Services {
  return {
    whole: writer("whole", ["1000"], {}),
    rotated: writer("rotated", ["2000"], {
      "max-size": version % 2 === 0 ? "128k" : "96k",
      "max-file": "1000",
    }),
    halves: writer("halves", ["3000", "halves"], { "max-size": "8k", "max-file": "1000" }),
    long: writer("long", ["90000", "long"], {}),
    flaps: writer("flaps", ["2000"], {}),
    tells: { ...fixtureService("tells", "notify-fd", "3"), ready: { fd: 3 } },
    // What it says to nobody is not said again: then its time runs out, and it is restarted.
    notifies: {
      ...fixtureService("notifies", "notify-ready"),
      ready: { notify: true, timeout: "1s" },
      restart_delay: "20ms",
    },
    quiet: { ...command("quiet", ["sleep", "1000"]), scale: 2, restart: "always" },
    // Whether it has succeeded is not known where it ended between two supervisors.
    once: {
      ...command("once", ["true"]),
      type: "oneshot",
      restart: "on-failure",
      restart_delay: "20ms",
    },
    changes: {
      ...command("changes", ["sleep", "1000"], { CRASH_VERSION: String(version) }),
      restart: "always",
    },
  };
}

type Service = Services[string];

function writer(
  name: string,
  words: readonly string[],
  rotation: Readonly<Record<string, string>>,
): Service {
  return {
    ...fixtureService(name, "write-numbered", ...words),
    restart_delay: "20ms",
    logging: { driver: "file", options: { path: `logs/${name}.log`, ...rotation } },
  };
}

function fixtureService(name: string, program: FixtureName, ...words: readonly string[]): Service {
  return { ...command(name, [fixture(program), ...words]), restart: "always" };
}

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
