import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { atEnd, childrenOf, isAlive, start, until } from "@supervise/testkit";
import type { StartOptions, Started, TestScope } from "@supervise/testkit";
import {
  COMMAND,
  commandLine,
  finish,
  insist,
  kill,
  type Finished,
  type Project,
} from "./harness.js";

/** The built init. */
export const INIT: string = join(
  dirname(dirname(dirname(dirname(COMMAND)))),
  "packages/init/bin/supervise-init",
);

/** Why a test that needs the init is skipped, or false. */
export const needsInit: string | false = existsSync(INIT) ? false : "supervise-init is not built";

export interface Kept extends Started {
  /** The supervisor that lives now. Waits until there is one. */
  supervisor(): Promise<number>;
  /** Sends a signal to the supervisor that lives now; resolves when another one stands under the keeper. */
  crash(signal: NodeJS.Signals): Promise<void>;
  end(): Promise<Finished>;
}

export interface KeepOptions extends StartOptions {
  readonly words?: readonly string[];
  /** Words before the init. */
  readonly through?: readonly string[];
  /** No runtime directory is named: the usual places are tried. */
  readonly homeless?: true;
}

/** `supervise-init up` on the project. At the test's end it is told to stop at once. */
export function keep(t: TestScope, it: Project, options: KeepOptions = {}): Kept {
  const { words = [], through = [], homeless, ...others } = options;
  const place = homeless === true ? [] : ["--runtime-dir", it.runtimeDirectory];
  const args = ["up", "--file", it.file, ...place, ...words];
  const [program = "", ...rest] = [...through, INIT, ...args];
  const started = start(t, program, rest, {
    cwd: it.directory,
    env: it.environment,
    ...others,
  });
  atEnd(t, async () => {
    const { child } = started;
    // One that was collected has no number any more.
    if (child.exitCode !== null || child.signalCode !== null) return;
    kill(started.pid, "SIGTERM");
    if (isAlive(started.pid)) await insist(started.pid, "SIGINT");
    await started.exit();
  });
  const supervisor = (): Promise<number> =>
    until(() => supervisorOf(started.pid), { what: "a supervisor under the keeper" });
  return {
    ...started,
    supervisor,
    crash: async (signal) => {
      const before = await supervisor();
      kill(before, signal);
      await until(() => (supervisorOf(started.pid) ?? before) !== before, {
        what: `another supervisor than ${before}`,
        deadlineMs: 20_000,
      });
    },
    end: () => {
      kill(started.pid, "SIGTERM");
      return finish(started);
    },
  };
}

/** The init's child that runs the command; undefined: it has none now. */
function supervisorOf(init: number): number | undefined {
  return childrenOf(init).find((pid) => commandLine(pid).includes(`${COMMAND} up`));
}
