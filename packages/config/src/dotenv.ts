import { interpolate } from "./interpolate.js";
import type { LookUp } from "./interpolate.js";
import { LineIndex } from "./line-index.js";

/** Something to say about a line of an env_file. Lines and columns count from 1. */
interface DotenvProblem {
  readonly severity: "error" | "warning";
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string | null;
}

export interface Dotenv {
  /** In the order of the file; of equal names the last. */
  readonly variables: ReadonlyMap<string, string>;
  readonly problems: readonly DotenvProblem[];
}

const NAME = /[A-Za-z_][A-Za-z0-9_.-]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  "\\": "\\",
  '"': '"',
  $: "$$",
};

/**
 * Reads an env_file as the Compose specification describes it: `NAME=value`, also after `export`; `#` begins a comment at the
 * start of a line or after a blank; '…' is literal; "…" knows \n \r \t \\ \" \$; variables are replaced outside of single
 * quotes, where `lookUp` wins over earlier lines; quoted values may span lines; a name alone takes it from `lookUp`.
 */
export function parseDotenv(text: string, lookUp: LookUp): Dotenv {
  const reader = new DotenvReader(text.startsWith("\uFEFF") ? text.slice(1) : text, lookUp);
  reader.read();
  return { variables: reader.variables, problems: reader.problems };
}

class DotenvReader {
  readonly variables = new Map<string, string>();
  readonly problems: DotenvProblem[] = [];
  readonly #text: string;
  readonly #lookUp: LookUp;
  /** Made for the first problem. */
  #lines: LineIndex | null = null;
  #index = 0;

  constructor(text: string, lookUp: LookUp) {
    this.#text = text;
    this.#lookUp = lookUp;
  }

  read(): void {
    while (this.#index < this.#text.length) {
      this.#match(/[ \t\r\n]*/y);
      if (this.#index >= this.#text.length) return;
      if (this.#text[this.#index] === "#") this.#skipLine();
      else this.#assignment();
    }
  }

  #assignment(): void {
    const start = this.#index;
    this.#match(/export[ \t]+(?=[A-Za-z_])/y);
    const name = this.#match(NAME);
    if (name === "") {
      this.#problem(
        "error",
        start,
        `a line must be NAME=value, found "${lineAt(this.#text, start)}"`,
        null,
      );
      this.#skipLine();
      return;
    }
    this.#match(/[ \t]*/y);
    if (this.#match(/[=:]/y) !== "") {
      this.#match(/[ \t]*/y);
      const value = this.#value();
      if (value !== null) this.variables.set(name, value);
    } else if (this.#restIsBlank()) {
      const inherited = this.#lookUp(name);
      if (inherited !== undefined) this.variables.set(name, inherited);
      this.#skipLine();
    } else {
      this.#problem(
        "error",
        this.#index,
        `after the name ${name} must stand "=", found "${this.#text[this.#index] ?? ""}"`,
        null,
      );
      this.#skipLine();
    }
  }

  #value(): string | null {
    const start = this.#index;
    const quote = this.#text[start];
    if (quote !== "'" && quote !== '"') {
      const raw = this.#match(/[^\r\n]*/y);
      return this.#replace(raw.replace(/(^|[ \t])#.*$/, "").trimEnd(), start);
    }
    const pattern = quote === "'" ? /'([^']*)'/y : /"((?:[^"\\]|\\[^])*)"/y;
    const body = this.#match(pattern);
    if (body === "") {
      this.#problem("error", start, `the quote ${quote} is not closed`, null);
      this.#index = this.#text.length;
      return null;
    }
    const inner = body.slice(1, -1);
    if (!this.#restIsBlank()) {
      this.#problem("error", this.#index, "after the closing quote may stand only a comment", null);
      this.#skipLine();
      return null;
    }
    this.#skipLine();
    return quote === "'"
      ? inner
      : this.#replace(
          inner.replaceAll(/\\([nrt\\"$])/g, (_, char: string) => ESCAPES[char] ?? char),
          start + 1,
        );
  }

  #replace(text: string, start: number): string {
    const result = interpolate(text, (name) => this.#lookUp(name) ?? this.variables.get(name));
    for (const { severity, offset, message, hint } of result.problems)
      this.#problem(severity, Math.min(start + offset, this.#text.length), message, hint);
    return result.text;
  }

  #restIsBlank(): boolean {
    const pattern = /[ \t]*(?:#[^\r\n]*)?(?:\r?\n|\r|$)/y;
    pattern.lastIndex = this.#index;
    return pattern.test(this.#text);
  }

  #skipLine(): void {
    this.#match(/[^\r\n]*/y);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#index;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#index += found.length;
    return found;
  }

  #problem(
    severity: "error" | "warning",
    offset: number,
    message: string,
    hint: string | null,
  ): void {
    this.#lines ??= new LineIndex("", this.#text, "newline or return");
    const { line, column } = this.#lines.at(offset);
    this.problems.push({ severity, line, column, message, hint });
  }
}

function lineAt(text: string, offset: number): string {
  return /^[^\r\n]{0,40}/.exec(text.slice(offset))?.[0] ?? "";
}
