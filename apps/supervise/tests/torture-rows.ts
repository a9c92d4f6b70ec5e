import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";

/** One row of a log file, whatever its format is. */
interface Row {
  readonly kind: "line" | "gap" | "begin" | "end";
  /** Of a line its number, of a gap that of the first that is missing. */
  readonly seq: number;
  readonly stream: 0 | 1;
  readonly partial: boolean;
  readonly text: string;
  /** Of a gap: how many are missing. */
  readonly lines: number;
}

/** What the files of one service hold. */
export interface Found {
  /** Lines of the service that are there whole. */
  readonly lines: number;
  /** Lines that a gap row counts. */
  readonly gaps: number;
  readonly gapRows: number;
  /** Beginnings of lines in which the service was killed. */
  readonly cut: number;
  /** What is not as it should be. */
  readonly faults: readonly string[];
}

const kinds: Readonly<Record<string, Row["kind"]>> = { gap: "gap", begin: "begin", end: "end" };
/** More of them say nothing more. */
const faultsKept = 5;

/** Looks whether each line of `write-tortured` is in the log once, in order and whole; `state` is the file of its numbers. */
export function lookAtLog(path: string, state: string): Found {
  const look = new Look(state);
  for (const text of textsOf(path)) look.file(text);
  return look.end();
}

/** From the oldest file to the newest. */
function* textsOf(path: string): Generator<string> {
  const name = path.slice(dirname(path).length + 1);
  const names = readdirSync(dirname(path)).filter((one) => one.startsWith(`${name}.`));
  const known = new Set(names);
  for (const one of names.toSorted()) {
    // Compressed and not for a moment: they are the same. A part is on its way to be one.
    if (one.endsWith(".part") || (one.endsWith(".gz") && known.has(one.slice(0, -3)))) continue;
    const bytes = readFileSync(join(dirname(path), one));
    yield (one.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("latin1");
  }
  if (existsSync(path)) yield readFileSync(path, "latin1");
}

/** As the fixture has it. */
function filling(number: number): number {
  if (number % 5003 === 0) return 150_000;
  return number % 97 === 0 ? 0 : (number * 7919) % 180;
}

class Look {
  readonly #faults: string[] = [];
  /** Numbers of the last line of each stream, whole or known to be missing. */
  readonly #last: [number, number] = [0, 0];
  /** The parts of a line so far. */
  readonly #parts: [string, string] = ["", ""];
  /** Is there a gap since the last line of the stream? Then parts of the next one may be in it. */
  readonly #gapSince: [boolean, boolean] = [false, false];
  readonly #taken: readonly [number, number];
  readonly #killed: readonly { stream: number; taken: number; begun: number }[];
  #seq: number | null = null;
  #lines = 0;
  #gaps = 0;
  #gapRows = 0;
  /** Lines of gap rows to which no missing number belongs yet. */
  #gapLeft = 0;
  #cut = 0;

  constructor(state: string) {
    const numbers = new BigUint64Array(new Uint8Array(readFileSync(state)).buffer, 0, 4);
    this.#taken = [Number(numbers[2]), Number(numbers[3])];
    const killed = existsSync(`${state}.killed`) ? readFileSync(`${state}.killed`, "utf8") : "";
    this.#killed = killed
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const [stream = 0, taken = 0, begun = 0] = line.split(" ").map(Number);
        return { stream: stream - 1, taken, begun };
      });
  }

  file(text: string): void {
    if (!text.endsWith("\n") && text !== "") this.#fault(`a file ends in "${text.slice(-60)}"`);
    for (const row of text.split("\n").slice(0, -1)) this.#row(row);
  }

  end(): Found {
    for (const stream of [0, 1] as const) {
      const taken = this.#taken[stream];
      this.#missing(stream, taken + 1, "at the end");
      if (this.#last[stream] > taken) this.#fault(`${this.#last[stream]} was never written`);
    }
    // A gap row counts the parts of a long line apart, and one that begins before it or ends behind it belongs to nobody here.
    const [lines, gaps, gapRows, cut] = [this.#lines, this.#gaps, this.#gapRows, this.#cut];
    return { lines, gaps, gapRows, cut, faults: this.#faults };
  }

  #fault(text: string): void {
    if (this.#faults.length < faultsKept) this.#faults.push(text);
  }

  #row(text: string): void {
    const row = parseRow(text);
    if (row === null) return this.#fault(`no row: "${text.slice(0, 100)}"`);
    if (row.kind === "begin" || row.kind === "end") return this.#runEnds();
    if (this.#seq !== null && row.seq !== this.#seq + 1)
      this.#fault(`number ${row.seq} follows ${this.#seq}: "${text.slice(0, 100)}"`);
    this.#seq = row.seq + row.lines - 1;
    if (row.kind === "gap") {
      this.#gaps += row.lines;
      this.#gapRows += 1;
      this.#gapLeft += row.lines;
      this.#gapSince.fill(true);
      return;
    }
    const before = this.#parts[row.stream];
    if (row.partial) this.#parts[row.stream] = before + row.text;
    else this.#line(row.stream, before, row.text);
  }

  /** A line that was begun and not ended belongs to a service that was killed. */
  #runEnds(): void {
    for (const stream of [0, 1] as const) {
      const part = this.#parts[stream];
      this.#parts[stream] = "";
      if (part !== "") this.#cutLine(stream, part);
    }
  }

  #cutLine(stream: 0 | 1, part: string): void {
    this.#cut += 1;
    const number = Number(/^\d (\d+) /.exec(part)?.[1] ?? 0);
    const known = this.#killed.some(
      (one) =>
        one.stream === stream && (number === 0 || (number > one.taken && number <= one.begun)),
    );
    if (!known)
      this.#fault(`a line of a service that was not killed is cut: "${part.slice(0, 80)}"`);
  }

  #line(
    stream: 0 | 1,
    before: string,
    rest: string,
    afterGap: boolean = this.#gapSince[stream],
  ): void {
    this.#parts[stream] = "";
    const line = before + rest;
    this.#gapSince[stream] = false;
    const [, fd, digits, length, text = ""] = /^(\d) (\d+) (\d+) (.*)$/.exec(line) ?? [];
    const number = Number(digits ?? 0);
    const whole =
      fd === String(stream + 1) &&
      Number(length) === filling(number) &&
      text.length === filling(number) &&
      text === String.fromCharCode(97 + (number % 26)).repeat(text.length);
    if (!whole) {
      // Some parts of a long line are lost in a gap: its beginning stands before another line, or its end alone.
      if (afterGap && before !== "") return this.#line(stream, "", rest, afterGap);
      if (afterGap && /^(\d \d+ \d+ )?([a-z])\2*$/.test(line)) return;
      return this.#fault(`torn: "${line.slice(0, 80)}" of ${line.length} bytes`);
    }
    this.#lines += 1;
    if (number <= this.#last[stream])
      this.#fault(`${fd} ${number} comes after ${this.#last[stream]}`);
    this.#missing(stream, number, `before ${fd} ${number}`);
    this.#last[stream] = Math.max(number, this.#last[stream]);
  }

  /** Every number from behind the last one up to this one must be one that was not written, or one that a gap counts. */
  #missing(stream: 0 | 1, next: number, where: string): void {
    let missing = 0;
    for (let number = this.#last[stream] + 1; number < next; number += 1) {
      const never = this.#killed.some(
        (one) => one.stream === stream && number > one.taken && number <= one.begun,
      );
      if (!never) missing += 1;
    }
    if (missing > this.#gapLeft)
      this.#fault(`${missing} lines are missing ${where}, ${this.#gapLeft} of them known`);
    this.#gapLeft = Math.max(0, this.#gapLeft - missing);
  }
}

/** Null: it is none. */
function parseRow(text: string): Row | null {
  if (text.startsWith("{")) return ofFields(jsonOf(text));
  if (/^(time|service)=/.test(text)) return ofFields(logfmtOf(text));
  const [, number, word = "", rest = ""] = /^\S+ \S+ (\d+|-) (\S+) ?(.*)$/.exec(text) ?? [];
  if (number === undefined) return null;
  const lines = /^(\d+) lines? lost: /.exec(rest)?.[1];
  return rowOf(word.replace("+", ""), Number(number), word.endsWith("+"), rest, Number(lines ?? 1));
}

function rowOf(
  word: string,
  seq: number,
  partial: boolean,
  text: string,
  lines: number,
): Row | null {
  const kind = kinds[word] ?? (word === "out" || word === "err" ? "line" : null);
  return kind === null ? null : { kind, seq, stream: word === "err" ? 1 : 0, partial, text, lines };
}

function ofFields(fields: Readonly<Record<string, unknown>> | null): Row | null {
  if (fields === null) return null;
  const { stream, seq, partial, text, lines } = fields;
  return rowOf(
    String(stream),
    Number(seq ?? 0),
    String(partial) === "true",
    String(text),
    Number(lines ?? 1),
  );
}

function jsonOf(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

function logfmtOf(text: string): Record<string, unknown> {
  return Object.fromEntries(
    Array.from(text.matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|\S*)/g), ([, key = "", value = ""]) => [
      key,
      value.startsWith('"') ? (JSON.parse(value) as string) : value,
    ]),
  );
}
