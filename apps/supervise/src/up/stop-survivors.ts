import type { Cause } from "@supervise/model";
import type { Core } from "@supervise/supervisor";

const FRESH = "up --fresh";
const CAUSE: Cause = { kind: "operator", by: FRESH };

/** Stops these services, which were taken over, as any stop does: dependents first, signal, grace period, SIGKILL, whole trees. Settles when all are down. */
export async function stopSurvivors(core: Core, names: readonly string[]): Promise<void> {
  const open = new Set(names);
  if (open.size === 0) return;
  await new Promise<void>((resolve) => {
    const look = (name: string): void => {
      if (!open.has(name) || core.engine.snapshot(name)?.state.kind !== "down") return;
      open.delete(name);
      if (open.size > 0) return;
      unlisten();
      resolve();
    };
    const unlisten = core.onChange(look);
    core.postAll(names.map((name) => ({ type: "stopService", name, cause: CAUSE })));
  });
}

/** Services that `stopSurvivors` of a supervisor before us had stopped and not started again. */
export function stoppedForFresh(core: Core): readonly string[] {
  return Array.from(core.engine.snapshots())
    .filter(
      ({ wanted, wantedBy }) =>
        wanted === "down" && wantedBy.kind === "operator" && wantedBy.by === FRESH,
    )
    .map(({ name }) => name);
}
