import type { EventEntry } from "@supervise/model";

/** One life of a service's main process, as its events tell. Times are ISO 8601; null: not told (yet). */
export interface RunHistory {
  readonly run: number;
  readonly pid: number | null;
  readonly startedAt: string | null;
  readonly readyAt: string | null;
  readonly endedAt: string | null;
  /** What was said about it, in order. */
  readonly messages: readonly string[];
}

/** The runs of a service, the oldest first. */
export function runsOf(events: readonly EventEntry[], name: string): readonly RunHistory[] {
  const runs = new Map<number, RunHistory>();
  for (const entry of events) {
    if (entry.service !== name || entry.run === null || entry.run === 0) continue;
    const before: RunHistory = runs.get(entry.run) ?? {
      run: entry.run,
      pid: null,
      startedAt: null,
      readyAt: null,
      endedAt: null,
      messages: [],
    };
    runs.set(entry.run, withEntry(before, entry));
  }
  return [...runs.values()].toSorted((one, other) => one.run - other.run);
}

function withEntry(run: RunHistory, entry: EventEntry): RunHistory {
  const { kind, state, time, message } = entry;
  const told = { ...run, pid: run.pid ?? entry.pid };
  if (kind === "exit")
    return { ...told, endedAt: run.endedAt ?? time, messages: [...run.messages, message] };
  if (kind === "ready") return { ...told, readyAt: run.readyAt ?? time };
  if (kind === "state") {
    if (state === "starting") return { ...told, startedAt: run.startedAt ?? time };
    if (state === "up") return { ...told, startedAt: run.startedAt ?? time };
    return told;
  }
  return { ...told, messages: [...run.messages, message] };
}
