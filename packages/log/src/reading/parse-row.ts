import { parseJsonRow } from "./json-row.js";
import { parseLogfmtRow } from "./logfmt-row.js";
import type { LogRow, RowForm } from "./log-row.js";
import { parsePlainRow } from "./plain-row.js";
import { RowTimes } from "./row-time.js";

const openingBrace = 0x7b;

/** Reads the rows of one service's files: plain, JSON, logfmt and raw ones, also where a file holds several kinds. */
export class RowParser {
  readonly #times = new RowTimes();
  readonly #service: string;
  readonly #form: RowForm;

  /** `service`: whose rows are those that do not say it. */
  constructor(service: string, form: RowForm) {
    this.#service = service;
    this.#form = form;
  }

  /** The row in `bytes` from `start` up to `end`, without its newline; the row's bytes are a view of these. Never throws. */
  parse(bytes: Buffer, start: number, end: number): LogRow {
    if (this.#form === "auto") {
      const row = this.#known(bytes, start, end);
      if (row !== null) return row;
    }
    const placed = { service: this.#service, timeMicros: null, seq: null, run: null };
    const own = bytes.subarray(start, end);
    if (this.#form === "auto") return { kind: "foreign", ...placed, bytes: own };
    return {
      kind: "line",
      ...placed,
      stream: "out",
      partial: false,
      bytes: own,
      level: null,
      facility: null,
    };
  }

  #known(bytes: Buffer, start: number, end: number): LogRow | null {
    if (bytes[start] === openingBrace)
      return parseJsonRow(bytes.toString("utf8", start, end), this.#times);
    const plain = parsePlainRow(bytes, start, end, this.#times);
    if (plain !== null) return plain;
    // `time=` or, without times, `service=`.
    const first = bytes[start];
    return first === 0x74 || first === 0x73
      ? parseLogfmtRow(bytes.toString("utf8", start, end), this.#times)
      : null;
  }
}
