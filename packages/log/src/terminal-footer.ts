import { stripVTControlCharacters } from "node:util";

const hideCursor = "\x1b[?25l";
const showCursor = "\x1b[?25h";
/** Around a redraw, so that a terminal that knows them shows it at once (synchronized output); others ignore them. */
const beginUpdate = "\x1b[?2026h";
const endUpdate = "\x1b[?2026l";

/** Lines that stand below the rows of a terminal. They are taken away before rows are written, and put there again behind them. */
export class TerminalFooter {
  readonly #columns: () => number;
  #wanted: readonly string[] = [];
  /** Null: nothing is on the screen. */
  #shown: readonly string[] | null = null;

  /** `columns`: how wide the terminal is now. */
  constructor(columns: () => number) {
    this.#columns = columns;
  }

  /** Each line must be shorter than the terminal is wide, and may hold colours but no other control sequence. None: nothing is wanted. */
  want(lines: readonly string[]): void {
    this.#wanted = lines;
  }

  /** It stands on the screen. */
  get shown(): boolean {
    return this.#shown !== null;
  }

  /** What takes it off the screen, which counts as written. Null: it is not there. */
  lift(): Buffer | null {
    const shown = this.#shown;
    if (shown === null) return null;
    this.#shown = null;
    return Buffer.from(this.#erase(shown));
  }

  /** What makes the screen show what is wanted, which counts as written. Null: it does already. */
  put(): Buffer | null {
    const shown = this.#shown;
    const wanted = this.#wanted;
    if (shown === wanted || (shown === null && wanted.length === 0)) return null;
    const erased = shown === null ? "" : this.#erase(shown);
    this.#shown = wanted.length === 0 ? null : wanted;
    const drawn = wanted.length === 0 ? showCursor : hideCursor + wanted.join("\r\n");
    return Buffer.from(beginUpdate + erased + drawn + endUpdate);
  }

  /** The cursor stands behind the last line. A terminal that has become narrower has wrapped the lines. */
  #erase(lines: readonly string[]): string {
    const columns = Math.max(1, this.#columns());
    const rows = lines.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns)),
      0,
    );
    return `\r${rows > 1 ? `\x1b[${rows - 1}A` : ""}\x1b[J`;
  }
}
