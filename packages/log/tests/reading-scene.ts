import type { LogRow } from "#log/reading/log-row.js";
import { ServiceReading } from "#log/reading/service-reading.js";
import type { RowQuery } from "#log/reading/service-reading.js";

/** Every row that a reading of the service "web" gives. A problem fails the test. */
export async function readAll(path: string, asked: Partial<RowQuery> = {}): Promise<LogRow[]> {
  const reading = openReading(path, asked);
  try {
    const rows: LogRow[] = [];
    for await (const batch of reading.rows()) rows.push(...batch);
    return rows;
  } finally {
    reading.close();
  }
}

/** A reading of the service "web", to be closed. */
export function openReading(path: string, asked: Partial<RowQuery> = {}): ServiceReading {
  const query: RowQuery = {
    lines: null,
    counts: (row) => row.kind === "line",
    sinceMicros: null,
    untilMicros: null,
    run: null,
    tellRun: false,
    ...asked,
  };
  return new ServiceReading({ service: "web", path, form: "auto" }, query, (message) => {
    throw new Error(message);
  });
}

/** What a line says; of other rows their kind. */
export function textOf(row: LogRow): string {
  return row.kind === "line" ? row.bytes.toString() : row.kind;
}
