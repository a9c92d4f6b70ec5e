import type { ServiceSpec } from "@supervise/model";
import type { SpawnResult } from "@supervise/sys";
import { createSparePipes, type SparePipes, type SparePipesKernel } from "./spare-pipes.js";
import type { PreparedRun, WantedRun } from "./start-run.js";

/** A run that can be spawned by one call. */
export interface ReadyRun {
  readonly prepared: PreparedRun;
  /** Once. */
  readonly spawn: () => SpawnResult;
}

/**
 * What the next run of the service that was spawned last needs, made while nobody waits for it: its restart is then a line in the records and the call of the kernel.
 * Only for runs whose parts stay good however long they lie: no socket, no file, no terminal is opened for them before their time. Its pipes are two of the spare ones.
 */
export interface SpareRun {
  readonly pipes: Pick<SparePipes, "take">;
  /** Gives out what was made; null: nothing was for this run. Whatever else was made is taken back. */
  take(wanted: WantedRun): ReadyRun | null;
  /** For the run that follows this one, on a later turn of the event loop. */
  prepareSoon(after: WantedRun): void;
  /** Closes the pipes too. */
  close(): void;
}

/** `make` prepares a run for which nothing but its pipes has to be opened; null: it cannot. `keeper`: is told of each run before it is prepared; null: there is none. */
export function createSpareRun(
  kernel: SparePipesKernel,
  keeper: object | null,
  make: (wanted: WantedRun) => ReadyRun | null,
): SpareRun {
  const pipes = createSparePipes(kernel);
  let spare: ReadyRun | null = null;
  let planned: NodeJS.Immediate | null = null;
  let closed = false;
  const takeBack = (): void => {
    if (spare === null) return;
    pipes.putBack(spare.prepared.stdout);
    pipes.putBack(spare.prepared.stderr);
    spare = null;
  };
  return {
    pipes,
    take: ({ spec, run }) => {
      const found = spare;
      if (found?.prepared.spec !== spec || found.prepared.run !== run) {
        takeBack();
        return null;
      }
      spare = null;
      return found;
    },
    prepareSoon: ({ spec, run }) => {
      if (closed || planned !== null) return;
      planned = setImmediate(() => {
        planned = null;
        takeBack();
        if (keeper === null && mayLie(spec)) spare = make({ spec, run: run + 1 });
        else pipes.refill();
      });
    },
    close: () => {
      closed = true;
      if (planned !== null) clearImmediate(planned);
      takeBack();
      pipes.close();
    },
  };
}

function mayLie({
  type,
  ready,
  watchdogMs,
  restart,
  sockets,
  logging,
  process,
  readsLogs,
}: ServiceSpec): boolean {
  return (
    type === "service" &&
    ready === null &&
    watchdogMs === null &&
    restart.kind !== "no" &&
    sockets.length === 0 &&
    logging.driver !== "direct" &&
    !process.tty &&
    !process.stdinOpen &&
    !readsLogs
  );
}
