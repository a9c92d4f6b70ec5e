/** What a terminal shows of the few sequences that rows and a footer use: text, CR, LF, cursor up, erase below; colours and modes show nothing. */
export class ScreenModel {
  readonly #rows: string[] = [""];
  readonly #columns: number;
  #row = 0;
  #column = 0;

  constructor(columns = 80) {
    this.#columns = columns;
  }

  /** All rows from the first that was ever written, without blanks behind them. */
  get lines(): readonly string[] {
    return this.#rows.map((row) => row.trimEnd());
  }

  write(text: string): void {
    for (const [one, number, final] of text.matchAll(/\x1b\[\??(\d*)([a-zA-Z])|[^]/gu)) {
      if (final === "A") this.#row = Math.max(0, this.#row - Number(number || "1"));
      else if (final === "J") this.#eraseBelow();
      else if (final === undefined) this.#put(one);
    }
  }

  #eraseBelow(): void {
    this.#rows.length = this.#row + 1;
    this.#rows[this.#row] = (this.#rows[this.#row] ?? "").slice(0, this.#column);
  }

  #put(character: string): void {
    if (character === "\r") this.#column = 0;
    else if (character === "\n") this.#down();
    else {
      if (this.#column >= this.#columns) this.#down();
      const row = (this.#rows[this.#row] ?? "").padEnd(this.#column);
      this.#rows[this.#row] = row.slice(0, this.#column) + character + row.slice(this.#column + 1);
      this.#column += 1;
    }
  }

  /** A terminal returns the carriage of its own (ONLCR of termios(3)). */
  #down(): void {
    this.#row += 1;
    this.#column = 0;
    this.#rows[this.#row] ??= "";
  }
}
