import { UNSEEN_END } from "../row-format.js";
import type { LogRow } from "./log-row.js";

/** Numbers that are missing, or there twice, or bytes that are no row. */
export interface LogFinding {
  /** "unknown": a run ended unseen, and how many of its last lines are lost cannot be known. */
  readonly kind: "gap" | "doubled" | "torn" | "unknown";
  /** First and last number, both included; null: a torn row and unknown lines have none. */
  readonly from: number | null;
  readonly to: number | null;
  /** Lines that are missing or double; of torn rows, the rows; of unknown lines, the runs. */
  readonly lines: number;
  /** Null: nothing explains it. */
  readonly cause: string | null;
  /** The file in which it was seen, and the bytes of it (uncompressed) before the row that showed it. */
  readonly file: string;
  readonly offset: number;
}

/** What the numbers of a service's rows say. */
export interface LogProof {
  readonly service: string;
  readonly files: number;
  /** Lines, and parts of long ones. */
  readonly lines: number;
  /** Lines without a number, as earlier versions wrote them: nothing can be said of them. */
  readonly unnumbered: number;
  readonly first: number | null;
  readonly last: number | null;
  readonly findings: readonly LogFinding[];
  /** Every number from the first to the last is there once, or a `gap` says why it is not. Of runs that ended unseen a finding says that their last lines are unknown. */
  readonly complete: boolean;
}

/** Findings of each kind that are told one by one; further ones are counted in the last. */
const mostFindings = 1000;

/** Looks at the rows of one service in the order of its files. */
export class RowProof {
  readonly #findings: LogFinding[] = [];
  #first: number | null = null;
  /** The number that has to come next. */
  #next: number | null = null;
  #lines = 0;
  #unnumbered = 0;
  #cause: string | null = null;
  #complete = true;

  /** What is missing before the next row is missing for this reason. */
  explain(cause: string): void {
    this.#cause = cause;
  }

  add(row: LogRow, file: string, offset: number): void {
    switch (row.kind) {
      case "line":
        this.#lines += 1;
        if (row.seq === null) this.#unnumbered += 1;
        else this.#number(row.seq, 1, null, file, offset);
        return;
      case "gap":
        if (row.seq !== null || this.#next !== null)
          this.#number(row.seq ?? this.#next ?? 0, row.lines, row.cause, file, offset);
        return;
      case "foreign":
        this.addTorn(file, offset);
        return;
      case "end":
        if (row.text.endsWith(UNSEEN_END)) this.#addUnknown(row.text, file, offset);
        return;
      case "begin":
    }
  }

  /** What stands there is no whole row. */
  addTorn(file: string, offset: number): void {
    this.#find({ kind: "torn", from: null, to: null, lines: 1, cause: null, file, offset });
  }

  #addUnknown(cause: string, file: string, offset: number): void {
    this.#find({ kind: "unknown", from: null, to: null, lines: 1, cause, file, offset });
  }

  result(service: string, files: number): LogProof {
    return {
      service,
      files,
      lines: this.#lines,
      unnumbered: this.#unnumbered,
      first: this.#first,
      last: this.#next === null ? null : this.#next - 1,
      findings: this.#findings,
      complete: this.#complete,
    };
  }

  /** `lost`: the cause for which so many numbers from `seq` on are no rows; null: they are. */
  #number(seq: number, count: number, lost: string | null, file: string, offset: number): void {
    const expected = this.#next ?? seq;
    this.#first ??= seq;
    if (seq > expected) {
      const found = { from: expected, to: seq - 1, lines: seq - expected, file, offset };
      this.#find({ kind: "gap", ...found, cause: this.#cause });
    }
    this.#cause = null;
    const end = seq + count;
    if (seq < expected && lost === null) {
      this.#find({ kind: "doubled", from: seq, to: seq, lines: 1, cause: null, file, offset });
    }
    if (lost !== null && end > expected) {
      const from = Math.max(seq, expected);
      this.#find({ kind: "gap", from, to: end - 1, lines: end - from, cause: lost, file, offset });
    }
    this.#next = Math.max(expected, end);
  }

  /** What goes on with the finding before it is part of it. */
  #find(finding: LogFinding): void {
    if (finding.cause === null) this.#complete = false;
    const last = this.#findings.at(-1);
    const joins =
      last !== undefined &&
      last.kind === finding.kind &&
      last.cause === finding.cause &&
      last.file === finding.file &&
      (last.to === null || last.to + 1 === finding.from);
    if (last === undefined || (!joins && this.#findings.length < mostFindings)) {
      this.#findings.push(finding);
      return;
    }
    const { to } = finding;
    this.#findings[this.#findings.length - 1] = { ...last, to, lines: last.lines + finding.lines };
  }
}
