/** What a row of a log file was written for. */
export type RowStream = "out" | "err" | "log";

interface Placed {
  readonly service: string;
  /** Microseconds since the epoch; null: the row has no time. */
  readonly timeMicros: number | null;
  /** The line's number among those of its service (of a gap: that of the first line that is missing); null: the row has none. */
  readonly seq: number | null;
  /** Null: the row itself does not tell. */
  readonly run: number | null;
}

/** A line of a service, or a part of one. */
export interface LineRow extends Placed {
  readonly kind: "line";
  readonly stream: RowStream;
  /** The line goes on in the stream's next row, or never got its newline. */
  readonly partial: boolean;
  /** Without the newline; a view of what was read, not to be changed. */
  readonly bytes: Buffer;
  /** Severity of syslog, 0 (emerg) to 7 (debug), where the row names it; null: it does not. */
  readonly level: number | null;
  /** Facility of syslog ("daemon"); null: the row names none. */
  readonly facility: string | null;
}

/** So many lines are missing here. */
export interface GapRow extends Placed {
  readonly kind: "gap";
  readonly lines: number;
  readonly cause: string;
}

/** The begin or the end of a run, in words. */
export interface MarkerRow extends Placed {
  readonly kind: "begin" | "end";
  readonly text: string;
}

/** Bytes that are no row of this file's format: a row that was torn, or what another program has written. */
export interface ForeignRow extends Placed {
  readonly kind: "foreign";
  readonly bytes: Buffer;
}

/** One row of a log file. */
export type LogRow = LineRow | GapRow | MarkerRow | ForeignRow;

/** How the rows of a file are to be read. `auto`: plain, JSON and logfmt rows are told apart by their looks. `raw`: every row is the line itself. */
export type RowForm = "auto" | "raw";

const causes = /^([0-9]{1,15}) lines? lost(?:: (.*))?$/s;

/** The row that says what is missing, from its text `N lines lost: CAUSE`; null: the text is none. */
export function gapOf(placed: Placed, text: string): GapRow | null {
  const found = causes.exec(text);
  if (found === null) return null;
  return {
    kind: "gap",
    service: placed.service,
    timeMicros: placed.timeMicros,
    seq: placed.seq,
    run: placed.run,
    lines: Number(found[1]),
    cause: found[2] ?? "unknown",
  };
}

/** `run 3, pid 4123` begins run 3; null: the text names no run. */
export function runOf(text: string): number | null {
  const found = /^run ([0-9]{1,15})\b/.exec(text);
  return found === null ? null : Number(found[1]);
}
