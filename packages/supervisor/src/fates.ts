import type { ExitStatus, ServiceMachine, ServiceSpec } from "@supervise/model";
import type { ServiceRecord } from "@supervise/process";

/** What becomes of a service of which an earlier supervisor has left a record, when `up` comes after that one's death. */
export type Fate =
  /** Its process lives and is ours from here on. */
  | { readonly kind: "adopt" }
  /** Its process lives, and was being stopped: that goes on. */
  | { readonly kind: "stopOn"; readonly machine: ServiceMachine }
  /** Its run ended while nobody looked: the restart policy decides, by a `treeGone` that follows. */
  | { readonly kind: "ended"; readonly machine: ServiceMachine }
  /** It had come to its end before, and stays there. */
  | { readonly kind: "rest"; readonly machine: ServiceMachine }
  /** Its operator had stopped it, and its policy remembers that. */
  | { readonly kind: "leave" }
  /** As any that is down. */
  | { readonly kind: "start" };

export interface Found {
  readonly record: ServiceRecord;
  readonly spec: ServiceSpec;
  /** What the engine had known of it; null: not to be used. */
  readonly machine: ServiceMachine | null;
  /** Is its main process alive? */
  readonly lives: boolean;
  /** Of a main process that does not live. */
  readonly status: ExitStatus;
  /** Was it started as something else than the spec says now? */
  readonly changed: boolean;
}

/**
 * `takeover`: at least one service lives. Then `up` goes on where the dead supervisor stopped: what ended by itself is handled by its restart policy, and what
 * is done stays done. Where nothing lives there is nothing to go on with, and everything is started.
 */
export function fateOf(found: Found, takeover: boolean): Fate {
  const { record, spec, machine, lives, changed } = found;
  const remembered = spec.restart.kind === "unless-stopped" && isOperatorsStop(record, machine);
  if (lives) {
    if (machine?.state.kind !== "stopping") return { kind: "adopt" };
    const again = machine.wanted === "down" && !remembered;
    return { kind: "stopOn", machine: again ? startedAgain(machine) : machine };
  }
  if (remembered) return { kind: "leave" };
  if (!takeover || machine === null || changed || machine.wanted === "down")
    return { kind: "start" };
  switch (machine.state.kind) {
    case "starting":
    case "up":
    case "stopping":
      // Without a main process in its record a run was never born, as far as anybody can tell.
      if (machine.startAgain || (record.main === null && machine.state.kind !== "stopping"))
        return { kind: "start" };
      return { kind: "ended", machine: over(machine, found) };
    case "done":
      return { kind: "rest", machine };
    case "failed":
      // A new `up` is a new try, but not for one that is to run once and no more.
      return spec.restart.kind === "no" && machine.state.reason.kind === "policy"
        ? { kind: "rest", machine }
        : { kind: "start" };
    case "down":
    case "waiting":
    case "backoff":
      return { kind: "start" };
  }
}

/** Not a shutdown, which stops everything and says nothing of this service. */
export function isOperatorsStop(
  { wanted }: ServiceRecord,
  machine: ServiceMachine | null,
): boolean {
  if (wanted !== "down") return false;
  return machine === null || machine.wantedBy.kind === "operator";
}

function startedAgain(machine: ServiceMachine): ServiceMachine {
  return { ...machine, wanted: "up", wantedBy: { kind: "policy" }, startAgain: true };
}

/** As it is when all of a run is gone and only that has to be told. `found.status` is that of its main process, where that had not been seen before. */
function over(machine: ServiceMachine, { spec, status: ended }: Found): ServiceMachine {
  const { state, run } = machine;
  const before = state.kind === "stopping" ? state : null;
  const status: ExitStatus = before?.status ?? ended;
  return {
    ...machine,
    // Its record need not tell that it was up, where nothing but its birth was waited for.
    reached: machine.reached || (spec.type === "service" && (spec.ready ?? null) === null),
    stopRequested: null,
    state: {
      kind: "stopping",
      sinceMs: state.sinceMs,
      run,
      pid: null,
      stage: "draining",
      reason: before?.reason ?? { kind: "exited", status },
      status,
      deadlineMs: state.sinceMs,
      survivors: [],
    },
  };
}
