import type { LogLine } from "@supervise/model";
import type { LogModel } from "./model.js";

/** A line with what it tells about its gravity. */
export interface ShownLine extends LogLine {
  /** Severity of syslog(3), 0 (emerg) to 7 (debug), 8 for trace; absent: as a line that tells none. */
  readonly severity?: number;
}

/** Where lines that are in hand end, and others of the files begin. */
export interface PageEdge {
  /** Time of the line at the edge, in milliseconds since 1970; null: there is none in hand. */
  readonly timeMs: number | null;
  /** By service: the number of its line nearest to the edge, where that has one. */
  readonly seqs: ReadonlyMap<string, number>;
  /** By service: its lines in hand. Files without times can only be counted. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Lines of the files that are asked for. */
export interface PageAsk {
  /** What comes for another number is not wanted any more. */
  readonly id: number;
  readonly names: readonly string[];
  readonly direction: "older" | "newer";
  /** Null: from the beginning of the files. */
  readonly edge: PageEdge | null;
  /** Lines at most. */
  readonly count: number;
  /** `page`: put before or behind the lines in hand. `beginning`: the same, but on to the files' beginning. `find`: the next match, and what stands around it. */
  readonly goal: "page" | "beginning" | "find";
}

/** The edge of these lines. `before`: of lines that are not among them, in the same direction, but were in hand too. */
export function edgeOf(
  lines: readonly LogLine[],
  direction: PageAsk["direction"],
  before: PageEdge | null = null,
): PageEdge {
  const seqs = new Map(before?.seqs);
  const counts = new Map(before?.counts);
  const older = direction === "older";
  for (const { service, seq } of lines) {
    counts.set(service, (counts.get(service) ?? 0) + 1);
    const known = seqs.get(service);
    // Rows of some formats have no number.
    if (seq > 0 && (known === undefined || (older ? seq < known : seq > known)))
      seqs.set(service, seq);
  }
  const time = Date.parse((older ? lines[0] : lines.at(-1))?.time ?? "");
  return { timeMs: Number.isNaN(time) ? (before?.timeMs ?? null) : time, seqs, counts };
}

/** So many lines are read at once while one scrolls. */
export const PAGE_LINES = 2_000;
/** So many while one searches, or goes to the beginning. */
export const LONG_PAGE_LINES = 10_000;

/** What is asked next; the same lines are not asked for twice. */
export function ask(
  logs: LogModel,
  names: readonly string[],
  what: Pick<PageAsk, "direction" | "goal"> & { readonly fromBeginning?: boolean },
): { readonly logs: LogModel; readonly asked: PageAsk } {
  const { direction, goal, fromBeginning = false } = what;
  const asked: PageAsk = {
    id: logs.nextPage,
    names,
    direction,
    goal,
    edge: fromBeginning ? null : edgeOf(logs.lines, direction),
    count: goal === "page" ? PAGE_LINES : LONG_PAGE_LINES,
  };
  return { logs: { ...logs, asked, nextPage: logs.nextPage + 1 }, asked };
}
