import type { Channel } from "./channel.js";
import { lastNumber } from "./last-number.js";
import type { Ledger } from "./ledger.js";

/** The numbers of lines of all services, as they go on over the deaths of supervisors. */
export class LineNumbering {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Goes on with the numbers of the last process, where its memory is left. */
  begin(channel: Channel): void {
    const { lines } = this.#ledger;
    if (lines === null) return;
    channel.place = lines.claim(channel.name);
    if (channel.place >= 0) channel.seq = lines.seq(channel.place);
  }

  /** To be asked before the first line, whose number may stand in the file alone. */
  lookUp(channel: Channel): void {
    if (channel.seq >= 0) return;
    const { file, name, place } = channel;
    channel.seq = file === null || file.style.format === "raw" ? 0 : lastNumber(file.path, name);
    // Before the first line is on its way: a supervisor after us must give it the same number.
    this.#ledger.lines?.setSeq(place, channel.seq);
  }

  /** Should we die now, these lines are missing, and no number comes twice. */
  promise({ place, seq }: Channel, count: number): void {
    this.#ledger.lines?.setSeq(place, seq + count);
  }

  /** Lines from this number on could not be written; 0: none is left unsaid. */
  lost(channel: Channel | undefined, from: number, negativeErrno: number): void {
    this.#ledger.lines?.setLost(channel?.place ?? -1, from, negativeErrno);
  }

  /** Lines that the last process could not write, and had no time left to say so. */
  resumeLost({ name, place, seq, file }: Channel): void {
    const { lines } = this.#ledger;
    if (lines === null || place < 0 || file === null) return;
    const from = lines.lostFrom(place);
    if (from === 0) return;
    if (lastNumber(file.path, name) >= from) lines.setLost(place, 0, 0);
    else if (seq >= from) file.addLost(name, from, seq - from + 1, lines.lostErrno(place));
  }

  /** Is this mark in the file already? */
  isMarked({ place }: Channel, mark: number): boolean {
    const { lines } = this.#ledger;
    return lines !== null && place >= 0 && lines.mark(place) >= mark;
  }
}
