import type { HealthSpec } from "@supervise/model";
import type { CommandResult } from "./commands.js";

export interface HealthWatch {
  readonly spec: HealthSpec;
  /** When the start period began, monotonic. */
  readonly startedMs: number;
  /** Runs the test once. */
  readonly test: (signal: AbortSignal) => Promise<CommandResult>;
  readonly monotonicMs: () => number;
  /** Called after each test: what was wrong with it; null: nothing. Before `onChange`. */
  readonly onTest: (failure: string | null) => void;
  /** Called on each change between healthy and unhealthy, and the first time. */
  readonly onChange: (health: "healthy" | "unhealthy", detail: string) => void;
}

/**
 * The healthcheck of the Compose specification: a test each interval, counted from the end of the last one. During the start period failures
 * do not count, and the interval is the start interval; the first success ends it. Unlike Docker there is one test more, at once, whose failure
 * never counts: dependents that wait for `service_healthy` need not wait for a whole interval. Returns the undo.
 */
export function watchHealth(watch: HealthWatch): () => void {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  let failures = 0;
  let known: "healthy" | "unhealthy" | null = null;

  const starting = (): boolean =>
    known === null && watch.monotonicMs() - watch.startedMs < watch.spec.startPeriodMs;
  const plan = (): void => {
    timer = setTimeout(
      () => void ask(false),
      starting() ? watch.spec.startIntervalMs : watch.spec.intervalMs,
    );
  };
  const report = (health: "healthy" | "unhealthy", detail: string): void => {
    if (known === health) return;
    known = health;
    watch.onChange(health, detail);
  };

  const ask = async (first: boolean): Promise<void> => {
    const forgiven = first || starting();
    const result = await watch.test(abort.signal);
    if (abort.signal.aborted) return;
    const failure = result.ok ? null : failureOf(result);
    watch.onTest(failure);
    if (failure === null) {
      failures = 0;
      report("healthy", "the test succeeded");
    } else if (!forgiven) {
      failures += 1;
      if (failures >= watch.spec.retries)
        report("unhealthy", `${failures} tests in a row failed, the last with ${failure}`);
    }
    if (!abort.signal.aborted) plan();
  };

  void ask(true);
  return () => {
    abort.abort();
    if (timer !== null) clearTimeout(timer);
  };
}

function failureOf({ detail, output }: Extract<CommandResult, { ok: false }>): string {
  return output === "" ? detail : `${detail}: ${output}`;
}
