import { closeSync, constants, openSync } from "node:fs";
import type { Cause, Configuration } from "@supervise/model";
import {
  createPlanContext,
  openProc,
  openRecords,
  originalOpenFiles,
  type RecordStore,
} from "@supervise/process";
import {
  createCore,
  createTarget,
  handleSignals,
  type Core,
  type Target,
  type TargetPort,
} from "@supervise/supervisor";
import type { Kernel } from "@supervise/sys";
import type { TerminalTarget } from "@supervise/log";
import { depositConfiguration, type KeptWork } from "./keeper.js";
import { leaveForUpgrade } from "./leave-for-upgrade.js";
import { keeperSignals } from "./keeper-signals.js";
import { DROPPED_VARIABLES } from "../dropped-variables.js";

export interface SessionOptions {
  readonly kernel: Kernel;
  readonly configuration: Configuration;
  /** Null: nothing can be written. */
  readonly runtimeDirectory: string | null;
  readonly terminal: TerminalTarget | null;
  readonly version: string;
  readonly files: readonly string[];
  readonly load: TargetPort["load"];
  /** Told of each configuration that is applied. */
  readonly applied: (configuration: Configuration) => void;
  /** Null: there is no keeper above us. */
  readonly work: KeptWork | null;
}

/** A supervisor of this process: it is the reaper from now on and answers to signals. Nothing is started yet. */
export interface Session {
  readonly core: Core;
  readonly target: Target;
  shutDown(cause: Cause): void;
  /** From now on ends and signals are heard from the keeper, where there is one. Once what was there before goes on. */
  hearKeeper(): void;
  /** Undoes the signal handlers and closes what is open. */
  close(): Promise<void>;
}

export function openSession(options: SessionOptions): Session {
  const { kernel } = options;
  const startedAtMs = Date.now();
  const proc = openProc(kernel);
  const planContext = createPlanContext(kernel, proc, {
    dropVariables: DROPPED_VARIABLES,
    environment: options.work?.environment ?? null,
    openFiles: originalOpenFiles(proc, options.work?.keeper.hello.openFiles ?? null),
  });
  const nullFd = openSync("/dev/null", constants.O_RDWR);
  const keeper = options.work?.keeper ?? null;
  if (process.pid !== 1 && keeper === null) kernel.setSubreaper(true);
  const core = createCore({
    configuration: options.configuration,
    kernel,
    proc,
    planContext,
    terminal: options.terminal,
    runtimeDirectory: options.runtimeDirectory,
    records: options.runtimeDirectory === null ? null : recordsIn(kernel, options.runtimeDirectory),
    keeper,
    nullFd,
    monotonicMs: () => kernel.monotonicMs(),
    realtimeMs: () => kernel.realtimeMicros() / 1_000,
    random: Math.random,
  });
  const target = createTarget({
    core,
    version: options.version,
    startedAtMs,
    load: options.load,
    files: options.files,
    generation: options.work?.applied?.generation ?? 1,
    applied: (configuration, generation, restart) => {
      const applied = { configuration, generation, restart };
      if (keeper !== null) depositConfiguration(kernel, keeper, applied, options.version);
      options.applied(configuration);
    },
    upgrade: () => leaveForUpgrade(core, keeper),
  });
  const shutDown = (cause: Cause): void => core.room.post({ type: "shutDown", cause });
  const hadTerminal = terminalThere();
  const terminalGone = (): boolean => hadTerminal && !terminalThere();
  const unhandle = handleSignals({
    deaf: () => keeper?.connected === true,
    childEnded: core.reaper.collect,
    reload: () => void target.reload({ kind: "signal", signal: "SIGHUP" }),
    rotate: () => void target.rotate({ kind: "signal", signal: "SIGUSR1" }),
    shutDown: (signal) => shutDown({ kind: "signal", signal }),
    shutDownNow: (signal) =>
      core.room.post({ type: "shutDownNow", cause: { kind: "signal", signal } }),
    terminalGone,
    monotonicMs: () => kernel.monotonicMs(),
  });
  const hearKeeper = (): void =>
    core.listenToKeeper(
      keeperSignals({
        shutDown,
        shutDownNow: (cause) => core.room.post({ type: "shutDownNow", cause }),
        reload: (cause) => target.reload(cause),
        rotate: (cause) => target.rotate(cause),
        terminalGone,
      }),
    );
  return {
    core,
    target,
    shutDown,
    hearKeeper,
    close: async () => {
      await core.close();
      unhandle();
      closeSync(nullFd);
    },
  };
}

/** A journal that can't be opened is no reason not to run: the services go on without a memory of them. */
function recordsIn(kernel: Kernel, directory: string): RecordStore | null {
  const records = openRecords(kernel, directory);
  return "errno" in records ? null : records;
}

/** Has this process a controlling terminal? Opening /dev/tty fails with ENXIO where it has none, or none any more (tty(4)). */
function terminalThere(): boolean {
  try {
    closeSync(openSync("/dev/tty", constants.O_RDWR | constants.O_NOCTTY));
    return true;
  } catch {
    // ENXIO, or no /dev at all.
    return false;
  }
}
