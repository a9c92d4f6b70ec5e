/** A machine that was written down by one supervisor for the next. */
import type { ServiceMachine } from "./service-machine.js";
import { STATE_KINDS } from "./state.js";

const STATES: ReadonlySet<string> = new Set(STATE_KINDS);

/**
 * The machine that `value`, read from JSON, is; null where it is none of this service. Its times are monotonic and so hold for the boot in which it was
 * written. `born`: the run that it speaks of has come to be, which `spawned` is going to tell where the machine does not know; a run that was about to be
 * spawned and was not is to be asked for anew, so that its machine waits.
 */
export function restorableMachine(
  value: unknown,
  name: string,
  born: boolean,
): ServiceMachine | null {
  if (!isObject(value) || value["name"] !== name || !isObject(value["state"])) return null;
  const { wanted, wantedBy, state, ready, health, run, restarts, attempt, failures } = value;
  if (!STATES.has(String(state["kind"])) || !Number.isFinite(state["sinceMs"])) return null;
  if ((wanted !== "up" && wanted !== "down") || !isObject(wantedBy)) return null;
  if (typeof ready !== "boolean" || typeof health !== "string") return null;
  if (![run, restarts, attempt, failures].every(Number.isSafeInteger)) return null;
  if (!Array.isArray(value["recent"])) return null;
  const machine = value as unknown as ServiceMachine;
  if (!born && machine.state.kind === "starting" && machine.state.pid === null)
    // Its number goes to the next one: runs are numbered by their lives.
    return {
      ...machine,
      run: machine.run - 1,
      state: { kind: "waiting", sinceMs: machine.state.sinceMs, on: [] },
    };
  return machine;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
