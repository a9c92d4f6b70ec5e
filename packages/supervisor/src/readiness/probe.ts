import type { ReadyCheck } from "@supervise/model";

/** One look. `detail` says, for people, what is missing; the last one stands in `why` and in the message of a time-out. */
export type ProbeResult = { readonly ok: true } | { readonly ok: false; readonly detail: string };

/** A probe that is repeated until it succeeds. It must settle by itself within `PROBE_LIMIT_MS` and heed `signal`. */
export type Probe = (signal: AbortSignal) => Promise<ProbeResult>;

/** One attempt's time limit, in milliseconds: a server that accepts and then says nothing must not hold the series. */
export const PROBE_LIMIT_MS = 5_000;

/** Checks that have to be asked again and again, as nobody says when they come true. */
export type ProbedCheck = Extract<ReadyCheck, { readonly intervalMs: number }>;

export interface ProbeSeries {
  readonly probe: Probe;
  readonly intervalMs: number;
  readonly onReady: () => void;
  /** Called when the detail has changed. */
  readonly onDetail: (detail: string) => void;
}

/** Asks at once, then after each interval, until it succeeds or is undone. */
export function startProbeSeries(series: ProbeSeries): () => void {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  let lastDetail = "";

  const ask = async (): Promise<void> => {
    timer = null;
    const result = await series.probe(abort.signal);
    if (abort.signal.aborted) return;
    if (result.ok) {
      series.onReady();
      return;
    }
    if (result.detail !== lastDetail) {
      lastDetail = result.detail;
      series.onDetail(result.detail);
    }
    timer = setTimeout(() => void ask(), series.intervalMs);
  };

  void ask();
  return () => {
    abort.abort();
    if (timer !== null) clearTimeout(timer);
  };
}
