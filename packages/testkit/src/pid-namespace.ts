import { spawnSync } from "node:child_process";
import { atEnd } from "./cleanup.js";
import type { TestScope } from "./cleanup.js";
import { childrenOf, isAlive } from "./process-table.js";
import { start } from "./spawn-fixture.js";
import type { StartOptions, Started } from "./spawn-fixture.js";
import { until } from "./until.js";

/** A command that runs as PID 1 of a new namespace. `pid` is unshare(1)'s, the exit is the command's. */
export interface Namespaced extends Started {
  /** The command's number out here. Resolves once it exists. */
  initPid(): Promise<number>;
}

function unshareArguments(): string[] {
  const asUser = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  return [...asUser, "--pid", "--fork", "--mount-proc", "--kill-child"];
}

/** The command that runs this one as PID 1 in new namespaces; for a program that starts its own processes. It ends as this one does. */
export function pidNamespaceCommand(command: readonly string[]): [string, ...string[]] {
  return ["unshare", ...unshareArguments(), "--", ...command];
}

let skip: string | false | undefined;

/** For a test's `skip`: false, or why PID namespaces cannot be made here. */
export function pidNamespaceSkip(): string | false {
  if (skip !== undefined) return skip;
  const tried = spawnSync("unshare", [...unshareArguments(), "true"], { encoding: "utf8" });
  const cause = tried.error ? tried.error.message : tried.stderr.trim();
  skip =
    tried.status === 0
      ? false
      : `no PID namespace can be made: ${cause || `unshare ended with ${tried.status}`}`;
  return skip;
}

/**
 * Runs a command as PID 1 in a new PID and mount namespace with its own /proc. The namespace, and with it every process inside, ends at the
 * latest with the test. Ask `pidNamespaceSkip()` first.
 */
export function inPidNamespace(
  t: TestScope,
  command: readonly [string, ...string[]],
  options: StartOptions = {},
): Namespaced {
  let init: number | undefined;
  // Undone after `start`'s own undo: the kernel then ends the namespace (--kill-child), which takes a moment.
  atEnd(t, async () => {
    await until(() => init === undefined || !isAlive(init), {
      what: `the end of the namespace of process ${init}`,
    });
  });
  const [unshare, ...args] = pidNamespaceCommand(command);
  const started = start(t, unshare, args, options);
  atEnd(t, () => {
    init ??= childrenOf(started.pid)[0];
  });
  return {
    ...started,
    async initPid() {
      init ??= await until(() => childrenOf(started.pid)[0], {
        what: `process 1 of ${command.join(" ")}`,
        log: () => started.stderr.all.join("\n"),
      });
      return init;
    },
  };
}
