import type { LogFiles, LogPage, PageAsk, PageEdge, ShownLine } from "@supervise/dashboard";
import type { LogReading, LogRow, LogSource, RowQuery } from "@supervise/log";
import type { LogLine } from "@supervise/model";
import { syslogLevelNumber } from "@supervise/model";

/** Fewer of each service are not worth the opening of its files. */
const LEAST_EACH = 50;
const STREAMS = { out: "stdout", err: "stderr", log: "syslog" } as const;

/**
 * The log files of services for the dashboard. `sourcesOf`: which files these services have, as far as is known. `memoryOf`: the last so many lines of each that the supervisor holds: where
 * several are merged, those without files are read there.
 */
export function openLogFiles(
  reading: LogReading,
  sourcesOf: (names: readonly string[]) => Promise<readonly LogSource[]>,
  memoryOf: (
    names: readonly string[],
    lines: number,
    signal: AbortSignal,
  ) => Promise<readonly LogRow[]>,
): LogFiles {
  const read: LogFiles["read"] = async (ask, signal) => {
    const problems: string[] = [];
    try {
      const sources = await sourcesOf(ask.names);
      const each = Math.max(LEAST_EACH, Math.ceil(ask.count / Math.max(1, ask.names.length)));
      const parts: Part[] = [];
      for (const source of sources) {
        if (signal.aborted) break;
        parts.push(await readPart(reading, source, { ...ask, count: each }, problems));
      }
      const filed = new Set(sources.map(({ service }) => service));
      const others = ask.names.length > 1 ? ask.names.filter((name) => !filed.has(name)) : [];
      if (others.length > 0) {
        const inHand = Math.max(0, ...others.map((name) => ask.edge?.counts.get(name) ?? 0));
        const rows = await memoryOf(others, inHand + each, signal);
        parts.push(...others.map((name) => partOfMemory(rows, name, { ...ask, count: each })));
      }
      return { ...(await merged(reading, parts, ask.direction)), problem: problems[0] ?? null };
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return { lines: [], end: true, problem };
    }
  };
  return { grade: () => grader(reading), read };

  async function merged(
    by: LogReading,
    parts: readonly Part[],
    direction: PageAsk["direction"],
  ): Promise<Omit<LogPage, "problem">> {
    const rows: LogRow[] = [];
    for await (const some of by.mergeRows(parts.map((part) => once(part.rows)))) rows.push(...some);
    const older = direction === "older";
    // Beyond the first row of a service that has more, others may be missing.
    const edges = new Set(
      parts.filter(({ more }) => more).map((part) => (older ? part.rows[0] : part.rows.at(-1))),
    );
    const [from, to] = older
      ? [
          Math.max(
            0,
            rows.findLastIndex((row) => edges.has(row)),
          ),
          rows.length,
        ]
      : [0, edges.size === 0 ? rows.length : rows.findIndex((row) => edges.has(row)) + 1];
    const graded = grader(by);
    const lines = rows.slice(from, to).flatMap((row): readonly ShownLine[] => {
      const line = lineOf(row);
      return line === null ? [] : [graded(line)];
    });
    return { lines, end: parts.every(({ more }) => !more) };
  }
}

interface Part {
  readonly rows: readonly LogRow[];
  /** The service has more in this direction. */
  readonly more: boolean;
}

async function readPart(
  reading: LogReading,
  source: LogSource,
  ask: Pick<PageAsk, "direction" | "edge" | "count">,
  problems: string[],
): Promise<Part> {
  const { direction, edge, count } = ask;
  const { service } = source;
  const inHand = edge?.counts.get(service) ?? 0;
  const older = direction === "older";
  // Rows without times can only be counted, from the end.
  const counted = source.form === "raw";
  if (counted && !older && edge !== null) return { rows: [], more: false };
  const isBeyond = counted ? () => true : beyond(service, edge, direction);
  const lines = older ? count + (counted ? inHand : 0) : null;
  const atMs = edge?.timeMs ?? null;
  const query: RowQuery = {
    lines,
    counts: (row) => isShown(row) && isBeyond(row),
    sinceMicros: older || atMs === null ? null : atMs * 1_000,
    untilMicros: !older || counted || atMs === null ? null : atMs * 1_000 + 999,
    run: null,
    tellRun: false,
  };
  const files = new reading.ServiceReading(source, query, (problem) => problems.push(problem));
  const rows: LogRow[] = [];
  try {
    for await (const some of files.rows()) {
      // They are views of what the next read writes over.
      for (const row of some) if (isShown(row) && isBeyond(row)) rows.push(kept(row));
      if (!older && rows.length >= count) break;
    }
  } finally {
    files.close();
  }
  if (!older) return { rows: rows.slice(0, count), more: rows.length >= count };
  return {
    rows: counted ? rows.slice(0, Math.max(0, rows.length - inHand)) : rows,
    more: rows.length >= (lines ?? 0),
  };
}

function partOfMemory(
  all: readonly LogRow[],
  service: string,
  { direction, edge, count }: Pick<PageAsk, "direction" | "edge" | "count">,
): Part {
  const isBeyond = beyond(service, edge, direction);
  const rows = all.filter((row) => row.service === service && isBeyond(row));
  const older = direction === "older";
  return { rows: older ? rows.slice(-count) : rows.slice(0, count), more: rows.length > count };
}

/** Not in hand yet: rows of the same millisecond are told by their numbers. */
function beyond(
  service: string,
  edge: PageEdge | null,
  direction: PageAsk["direction"],
): (row: LogRow) => boolean {
  const known = edge?.seqs.get(service);
  const timeMs = edge?.timeMs ?? null;
  return ({ seq, timeMicros }) => {
    if (known !== undefined && seq !== null)
      return direction === "older" ? seq < known : seq > known;
    if (timeMs === null || timeMicros === null) return true;
    return direction === "older" ? timeMicros < timeMs * 1_000 : timeMicros > timeMs * 1_000 + 999;
  };
}

function isShown({ kind }: LogRow): boolean {
  return kind === "line" || kind === "foreign" || kind === "gap";
}

function kept(row: LogRow): LogRow {
  return "bytes" in row ? { ...row, bytes: Buffer.from(row.bytes) } : row;
}

function lineOf(row: LogRow): LogLine | null {
  const { service, timeMicros, seq, run } = row;
  const time = timeMicros === null ? "" : new Date(timeMicros / 1_000).toISOString();
  const placed = { service, run: run ?? 0, seq: seq ?? 0, time };
  switch (row.kind) {
    case "gap":
      return {
        ...placed,
        stream: "stderr",
        partial: false,
        text: `[${row.lines} lines lost: ${row.cause}]`,
      };
    case "foreign":
      return { ...placed, stream: "stdout", partial: false, text: row.bytes.toString("utf8") };
    case "line": {
      const { stream, partial, bytes, level, facility } = row;
      const more = {
        ...(facility === null ? {} : { facility }),
        ...(level === null ? {} : { level: String(level) }),
      };
      return { ...placed, stream: STREAMS[stream], partial, text: bytes.toString("utf8"), ...more };
    }
    default:
      return null;
  }
}

function grader(reading: LogReading): (line: LogLine) => ShownLine {
  /** Of the last line of each stream that was not indented. */
  const above = new Map<string, number | null>();
  return (line) => {
    const stream = `${line.service}\0${line.stream}`;
    const indented = line.text.startsWith(" ") || line.text.startsWith("\t");
    const severity = indented ? (above.get(stream) ?? null) : severityOf(reading, line);
    if (!indented) above.set(stream, severity);
    return severity === null ? line : { ...line, severity };
  };
}

function severityOf(reading: LogReading, { text, level }: LogLine): number | null {
  if (level !== undefined) return reading.levelOfName(level) ?? syslogLevelNumber(level);
  return reading.levelOfLine(text, reading.jsonFields(text));
}

async function* once(rows: readonly LogRow[]): AsyncGenerator<readonly LogRow[]> {
  if (rows.length > 0) yield rows;
}
