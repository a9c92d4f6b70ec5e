/** What stands where a secret was. */
const mask: Buffer = Buffer.from("***");
const newline = 10;
/** Shorter ones stand in too many lines that have nothing to do with them. */
const shortestBytes = 4;

/** Lines as they lie in a batch. */
export interface MaskedLines {
  readonly bytes: Buffer;
  readonly ends: Uint32Array;
}

/** Takes the values of secrets out of lines. A value of several lines is looked for line by line; values of less than four bytes are not. */
export class Mask {
  readonly #secrets: readonly Buffer[];

  constructor(values: readonly string[]) {
    const pieces = new Set(values.flatMap((value) => value.split("\n")));
    this.#secrets = [...pieces]
      .map((piece) => Buffer.from(piece.trim()))
      .filter((piece) => piece.length >= shortestBytes)
      // A secret that holds another one goes first.
      .toSorted((one, other) => other.length - one.length);
  }

  /** True: there is nothing to look for. */
  get empty(): boolean {
    return this.#secrets.length === 0;
  }

  /** The lines without secrets; null: they hold none. `partial`: the only line has no newline behind it. */
  of(
    bytes: Buffer,
    start: number,
    ends: Uint32Array,
    count: number,
    partial: boolean,
  ): MaskedLines | null {
    const end = (ends[count - 1] ?? start) + (partial ? 0 : 1);
    const lines = bytes.subarray(start, end);
    const found = this.#secrets.filter((secret) => lines.includes(secret));
    if (found.length === 0) return null;
    const masked = found.reduce((text, secret) => replaced(text, secret), Buffer.from(lines));
    const newEnds = new Uint32Array(count);
    for (let index = 0, from = 0; index < count; index += 1) {
      const at = masked.indexOf(newline, from);
      newEnds[index] = at < 0 ? masked.length : at;
      from = at + 1;
    }
    return { bytes: masked, ends: newEnds };
  }

  /** A text without secrets. */
  ofText(text: string): string {
    const bytes = Buffer.from(text);
    const lines = this.of(bytes, 0, Uint32Array.of(bytes.length), 1, true);
    return lines === null ? text : lines.bytes.toString();
  }
}

function replaced(bytes: Buffer, secret: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(secret); at >= 0; at = bytes.indexOf(secret, from)) {
    parts.push(bytes.subarray(from, at), mask);
    from = at + secret.length;
  }
  return Buffer.concat([...parts, bytes.subarray(from)]);
}
