const hideCursor = "\x1b[?25l";
const showCursor = "\x1b[?25h";
/** A line that is longer than the terminal is wide is cut by it (DECAWM). */
const wrapNot = "\x1b[?7l";
const wrapAgain = "\x1b[?7h";
/** Around a redraw, so that a terminal that knows them shows it at once (synchronized output); others ignore them. */
const beginUpdate = "\x1b[?2026h";
const endUpdate = "\x1b[?2026l";
/**
 * Everything from the cursor's row on. "Erase below" (ED) is sent from the second column: from the first one of the screen tmux moves the
 * erased rows into its history (`scroll-on-clear`).
 */
const erase = "\r\x1b[K\x1b[C\x1b[J\r";
/** The same by "delete lines" (DL): in GNU screen a row that it had wrapped and that was only erased goes on in the next one for ever. */
const deleteRows = "\r\x1b[999M";

/**
 * Lines that stand below the rows of a terminal. They are taken away before rows are written, and put there again behind them.
 *
 * The cursor rests on the first character of the first of them, hidden. Whatever a terminal does when its size changes, wraps its rows anew or
 * cuts them, moves them into its history or back from it, the cursor stays with its character: all from there on is the footer, and nothing else.
 */
export class TerminalFooter {
  readonly #screenRows: () => number;
  readonly #erase: string;
  #wanted: readonly string[] = [];
  /** Null: nothing is on the screen. */
  #shown: readonly string[] | null = null;

  /** `screenRows`: how high the terminal is now. `gnuScreen`: it is that of GNU screen. */
  constructor(screenRows: () => number, gnuScreen: boolean) {
    this.#screenRows = screenRows;
    this.#erase = gnuScreen ? deleteRows : erase;
  }

  /**
   * Each line should be shorter than the terminal is wide, and may hold colours but no other control sequence. Those for which the terminal is
   * not high enough are left out. None: nothing is wanted.
   */
  want(lines: readonly string[]): void {
    this.#wanted = lines;
  }

  /** It stands on the screen. */
  get shown(): boolean {
    return this.#shown !== null;
  }

  /** What takes it off the screen, which counts as written. Null: it is not there. */
  lift(): Buffer | null {
    if (this.#shown === null) return null;
    this.#shown = null;
    return Buffer.from(this.#erase);
  }

  /** What makes the screen show what is wanted, which counts as written. Null: it does already. */
  put(): Buffer | null {
    const shown = this.#shown;
    const wanted = this.#wanted;
    if (shown === wanted || (shown === null && wanted.length === 0)) return null;
    const erased = shown === null ? "" : this.#erase;
    this.#shown = wanted.length === 0 ? null : wanted;
    const drawn = wanted.length === 0 ? showCursor : hideCursor + this.#drawn(wanted);
    return Buffer.from(beginUpdate + erased + drawn + endUpdate);
  }

  /**
   * Room is made from the cursor's row on, and the lines come from the last one up: at another size in the middle of it all that wraps is below
   * the cursor too.
   */
  #drawn(wanted: readonly string[]): string {
    const lines = wanted.slice(0, Math.max(1, this.#screenRows() - 1));
    return `${wrapNot}${"\r\n".repeat(lines.length - 1)}${lines.toReversed().join("\r\x1b[A")}\r${wrapAgain}`;
  }
}
