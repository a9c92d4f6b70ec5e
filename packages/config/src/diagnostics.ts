import type { Diagnostic } from "@supervise/model";
import type { Position } from "./tree.js";

/** Collects every mistake of one load. */
export class DiagnosticList {
  readonly #entries: Diagnostic[] = [];
  readonly #seen = new Set<string>();

  error(at: Position, message: string, hint: string | null = null): void {
    this.#add({ severity: "error", ...place(at), message, hint });
  }

  warning(at: Position, message: string, hint: string | null = null): void {
    this.#add({ severity: "warning", ...place(at), message, hint });
  }

  get failed(): boolean {
    return this.#entries.some((entry) => entry.severity === "error");
  }

  /** In the order of the files as they were first met, then of lines and columns. */
  sorted(files: readonly string[]): readonly Diagnostic[] {
    const order = new Map(files.map((file, index) => [file, index]));
    const rank = (file: string): number => order.get(file) ?? files.length;
    return [...this.#entries].sort(
      (a, b) =>
        rank(a.file) - rank(b.file) ||
        (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
        a.line - b.line ||
        a.column - b.column,
    );
  }

  /** An aliased value is checked once for each place that uses it, and yet is one mistake. */
  #add(raw: Diagnostic): void {
    const entry = {
      ...raw,
      message: clean(raw.message),
      hint: raw.hint === null ? null : clean(raw.hint),
    };
    const key = JSON.stringify(entry);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#entries.push(entry);
  }
}

function place(at: Position): Position {
  return { file: at.file, line: at.line, column: at.column };
}

/** On one line, and without what could write over a terminal: messages quote the text of files. */
function clean(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
}
