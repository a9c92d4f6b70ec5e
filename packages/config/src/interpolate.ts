/** What interpolation has to say about the text at `offset`. */
interface InterpolationProblem {
  readonly severity: "error" | "warning";
  readonly offset: number;
  readonly message: string;
  readonly hint: string | null;
}

export interface Interpolated {
  readonly text: string;
  readonly problems: readonly InterpolationProblem[];
}

/** Value of a variable, or undefined where it is not set. */
export type LookUp = (name: string) => string | undefined;

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const OPERATOR = /:?[-?+]/y;
const MAX_NESTING = 32;

/**
 * Replaces variables as the Compose specification does: `$NAME`, `${NAME}`, `${NAME-default}`, `${NAME:-default}`,
 * `${NAME?error}`, `${NAME:?error}`, `${NAME+other}`, `${NAME:+other}` (with the colon, an empty value counts as unset), defaults
 * nested, and `$$` for one dollar sign. A variable that is not set and has no default becomes "" with a warning.
 */
export function interpolate(text: string, lookUp: LookUp): Interpolated {
  if (!text.includes("$")) return { text, problems: [] };
  const scanner = new Scanner(text, lookUp);
  return { text: scanner.until(null, true, 0), problems: scanner.problems };
}

class Scanner {
  readonly problems: InterpolationProblem[] = [];
  readonly #text: string;
  readonly #lookUp: LookUp;
  #index = 0;

  constructor(text: string, lookUp: LookUp) {
    this.#text = text;
    this.#lookUp = lookUp;
  }

  /** Reads to `end` or to the end of the text. `live` is false in a branch that is not taken: nothing is looked up there. */
  until(end: "}" | null, live: boolean, depth: number): string {
    let result = "";
    while (this.#index < this.#text.length) {
      const char = this.#text[this.#index];
      if (char === end) return result;
      if (char === "$") result += this.#dollar(live, depth);
      else {
        result += char;
        this.#index++;
      }
    }
    return result;
  }

  #dollar(live: boolean, depth: number): string {
    const start = this.#index++;
    const next = this.#text[this.#index];
    if (next === "$") {
      this.#index++;
      return "$";
    }
    if (next === "{") return this.#braced(start, live, depth);
    const name = this.#match(NAME);
    if (name !== null) return live ? this.#plain(name, start) : "";
    this.#error(
      start,
      '"$" must be followed by a name, by "{" or by "$"',
      "write $$ for a dollar sign",
    );
    return "";
  }

  #braced(start: number, live: boolean, depth: number): string {
    this.#index++;
    const name = this.#match(NAME);
    const operator = name === null ? null : this.#match(OPERATOR);
    if (name === null || depth >= MAX_NESTING) {
      this.#error(
        start,
        name === null
          ? '"${" must be followed by the name of a variable'
          : `variables are nested deeper than ${MAX_NESTING} levels`,
        "write $$ for a dollar sign",
      );
      this.#index = this.#text.length;
      return "";
    }
    const value = live ? this.#lookUp(name) : undefined;
    const set = value !== undefined && !(operator?.startsWith(":") === true && value === "");
    const kind = operator?.at(-1);
    const wordTaken = kind === "+" ? set : !set;
    const word = operator === null ? "" : this.until("}", live && wordTaken, depth + 1);
    if (this.#text[this.#index] !== "}") {
      const message =
        this.#index >= this.#text.length
          ? `"\${${name}" lacks its closing "}"`
          : `"\${${name}" is followed by "${this.#text[this.#index]}"`;
      this.#error(start, message, "after the name stands one of } - :- ? :? + :+");
      this.#index = this.#text.length;
      return "";
    }
    this.#index++;
    if (!live) return "";
    if (kind === "+") return set ? word : "";
    if (set) return value;
    if (kind === "-") return word;
    if (kind === "?") {
      this.#error(start, `the variable ${name} is required${word === "" ? "" : `: ${word}`}`, null);
      return "";
    }
    return this.#plain(name, start);
  }

  #plain(name: string, start: number): string {
    const value = this.#lookUp(name);
    if (value !== undefined) return value;
    const message = `the variable ${name} is not set; an empty string stands in its place`;
    this.problems.push({
      severity: "warning",
      offset: start,
      message,
      hint: `write \${${name}:-default} to give a default, or $$ for a dollar sign`,
    });
    return "";
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#index;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    if (found !== null) this.#index += found.length;
    return found;
  }

  #error(offset: number, message: string, hint: string | null): void {
    this.problems.push({ severity: "error", offset, message, hint });
  }
}
