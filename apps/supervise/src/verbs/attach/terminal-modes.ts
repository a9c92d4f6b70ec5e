const ESCAPE = 0x1b;

/** Private modes (DECSET) that a person would miss or notice once the program that has set them is out of sight, from xterm's ctlseqs: what undoes each. */
const UNDO: ReadonlyMap<string, string> = new Map([
  // Keys of the cursor, mouse, focus, pasted text.
  ...["1", "9", "1000", "1001", "1002", "1003", "1004", "1005", "1006", "1015", "1016", "2004"].map(
    (mode) => [mode, `\x1b[?${mode}l`] as const,
  ),
  // The other screen.
  ...["47", "1047", "1049"].map((mode) => [mode, `\x1b[?${mode}l`] as const),
]);

/** Modes that are on from the start: off is what is to be undone. */
const ON_AT_FIRST: ReadonlyMap<string, string> = new Map([
  ["7", "\x1b[?7h"],
  ["25", "\x1b[?25h"],
]);

/** A sequence that is not at its end after so many bytes is none that matters here. */
const LONGEST = 32;

/** Follows what a program has its terminal do, so that the terminal can be given back without it. */
export class TerminalModes {
  /** By the mode or kind of change. */
  readonly #changed = new Map<string, string>();
  /** Null: no sequence has begun. */
  #sequence: string | null = null;

  /** All that the terminal is told, in any pieces. */
  feed(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 1) {
      if (this.#sequence === null) {
        const begin = bytes.indexOf(ESCAPE, at);
        if (begin < 0) return;
        at = begin;
        this.#sequence = "";
        continue;
      }
      const byte = bytes[at] ?? 0;
      if (byte === ESCAPE) this.#sequence = "";
      else this.#take(this.#sequence + String.fromCharCode(byte));
    }
  }

  /** What undoes it all. Empty: nothing is to be undone. */
  undo(): string {
    const all = [...this.#changed.values()];
    this.#changed.clear();
    this.#sequence = null;
    return all.join("");
  }

  #take(sequence: string): void {
    const first = sequence.charAt(0);
    const last = sequence.charAt(sequence.length - 1);
    const control = first === "[";
    // CSI ends with a byte of @ to ~, other sequences with one of 0 to ~ behind any of blank to /.
    const complete = control ? sequence.length > 1 && last >= "@" : last >= "0";
    if (!complete) {
      this.#sequence = sequence.length < LONGEST ? sequence : null;
      return;
    }
    this.#sequence = null;
    if (control) this.#takeControl(sequence.slice(1, -1), last);
    else this.#takeEscape(sequence);
  }

  #takeControl(parameters: string, last: string): void {
    if (parameters.startsWith("?") && (last === "h" || last === "l"))
      for (const mode of parameters.slice(1).split(";")) this.#takeMode(mode, last === "h");
    else if (last === "m") this.#set("colour", parameters === "" || parameters === "0", "\x1b[m");
    // Setting the region moves the cursor.
    else if (last === "r") this.#set("region", parameters === "", "\x1b7\x1b[r\x1b8");
    else if (parameters === "!" && last === "p") this.#changed.clear();
  }

  #takeEscape(sequence: string): void {
    if (sequence === "c") this.#changed.clear();
    else if (sequence === "=" || sequence === ">") this.#set("keypad", sequence === ">", "\x1b>");
    else if (sequence.startsWith("(")) this.#set("letters", sequence === "(B", "\x1b(B");
  }

  #takeMode(mode: string, on: boolean): void {
    const undo = UNDO.get(mode);
    const off = ON_AT_FIRST.get(mode);
    if (undo !== undefined) this.#set(mode, !on, undo);
    else if (off !== undefined) this.#set(mode, on, off);
  }

  #set(what: string, asAtFirst: boolean, undo: string): void {
    this.#changed.delete(what);
    if (!asAtFirst) this.#changed.set(what, undo);
  }
}
