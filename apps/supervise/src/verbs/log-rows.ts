import type { LogReading, LogRow, RowQuery, ServiceReading } from "@supervise/log";
import type { LogLine } from "@supervise/model";
import type { LogAsk } from "./log-query.js";
import type { LogPlace, LogPlaces } from "./log-places.js";
import { lastOfEach, ringRows } from "./log-ring.js";
import type { RingRow } from "./log-ring.js";

/** Readings of a service each. `onProblem` is told of a file that is there and cannot be opened, and then that service is left out. */
export function openReadings(
  reading: LogReading,
  places: readonly LogPlace[],
  ask: LogAsk,
  onProblem: (message: string) => void,
): readonly ServiceReading[] {
  const query: RowQuery = {
    lines: ask.lines,
    counts: (row) => isAsked(row, ask) && (row.kind === "line" || row.kind === "foreign"),
    sinceMicros: ask.sinceMicros,
    untilMicros: ask.untilMicros,
    run: ask.run,
    tellRun: ask.json,
  };
  return places.flatMap(({ source }) => {
    try {
      return source === null ? [] : [new reading.ServiceReading(source, query, onProblem)];
    } catch (error) {
      if (!(error instanceof reading.LogFileError)) throw error;
      onProblem(error.message);
      return [];
    }
  });
}

/** Is the row to be shown, as far as it alone can tell? Of what the supervisor says among the lines, only what is missing is told where lines are chosen. */
function isAsked(row: LogRow, ask: LogAsk): boolean {
  if (ask.accepts === null || row.kind === "gap") return true;
  return row.kind === "line" && ask.accepts(row);
}

/** As `isAsked`, for rows in their order: a stack trace comes with the line that it stands below. */
export function createChoice(ask: LogAsk): (row: LogRow) => boolean {
  /** Streams whose last line was shown. */
  const shown = new Set<string>();
  return (row) => {
    const asked = isAsked(row, ask);
    if (!ask.withIndented || row.kind !== "line") return asked;
    const stream = `${row.service}\0${row.stream}`;
    const goesOn = row.bytes[0] === 0x20 || row.bytes[0] === 0x09;
    if (asked || (goesOn && shown.has(stream))) shown.add(stream);
    else shown.delete(stream);
    return shown.has(stream);
  };
}

/** What was taken of a supervisor's memory. */
export interface MemoryRows {
  readonly rows: readonly RingRow[];
  /** How many of them are of a service with files. */
  readonly beyond: ReadonlyMap<string, number>;
  /** The newest line of each service without files, be it asked for or not: a follower goes on behind it. */
  readonly told: Map<string, LogLine>;
}

/**
 * The lines in the supervisor's memory that are asked for: of services without files all, of others what their files do not hold (a full disk). A follower of services without
 * files alone begins with them himself, where he can: nothing is taken then.
 */
export async function memoryRows(
  { places, client, silence }: LogPlaces,
  readings: readonly ServiceReading[],
  ask: LogAsk,
  signal: AbortSignal,
): Promise<MemoryRows> {
  const told = new Map<string, LogLine>();
  const beyond = new Map<string, number>();
  const ringNames = places.filter(({ source }) => source === null).map(({ name }) => name);
  const choosy =
    ask.accepts !== null ||
    ask.sinceMicros !== null ||
    ask.untilMicros !== null ||
    ask.run !== null;
  // A chosen run or time has its rows in the files; followers read these alone.
  const filed = ask.run === null && ask.untilMicros === null && !ask.follow ? readings : [];
  const newest = new Map(filed.map((one) => [one.source.service, lastInFiles(one)]));
  const names = [...ringNames, ...newest.keys()];
  const byItself = ask.follow && readings.length === 0 && !choosy;
  if (silence !== null || names.length === 0 || byItself) return { rows: [], beyond, told };
  const count = choosy || filed.length > 0 ? null : ask.lines;
  const all = await ringRows(client, names, count, signal);
  const wanted = all.filter((row) => {
    const after = newest.get(row.service);
    if (after === undefined) told.set(row.service, row.line);
    else if (row.seq === null || row.seq <= after) return false;
    return isInTime(row, ask) && isAsked(row, ask);
  });
  const rows = lastOfEach(ask.run === null ? wanted : ofRun(wanted, ask.run), ask.lines);
  for (const { service } of rows)
    if (newest.has(service)) beyond.set(service, (beyond.get(service) ?? 0) + 1);
  return { rows, beyond, told };
}

/** The number behind which the supervisor's lines are not in the files. Where the files have no numbers it cannot be told, and none is taken. */
function lastInFiles(reading: ServiceReading): number {
  if (reading.empty) return 0;
  return reading.newestSeq() ?? Number.POSITIVE_INFINITY;
}

function isInTime({ timeMicros }: LogRow, { sinceMicros, untilMicros }: LogAsk): boolean {
  if (timeMicros === null) return true;
  return (
    (sinceMicros === null || timeMicros >= sinceMicros) &&
    (untilMicros === null || timeMicros <= untilMicros)
  );
}

/** Of each service the run before its newest, where `previous` is asked for. */
function ofRun(rows: readonly RingRow[], wanted: number | "previous"): RingRow[] {
  const newest = new Map<string, number>();
  for (const { service, line } of rows)
    newest.set(service, Math.max(line.run, newest.get(service) ?? 0));
  return rows.filter(({ service, line }) =>
    wanted === "previous" ? line.run === (newest.get(service) ?? 0) - 1 : line.run === wanted,
  );
}
