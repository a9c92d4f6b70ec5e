import type { Channel } from "./channel.js";
import type { Ledger } from "./ledger.js";
import type { LogFile } from "./log-file.js";

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
    const { name, place } = channel;
    const found = numberedFiles(channel).map(({ sink }) =>
      sink.style.format === "raw" ? 0 : sink.lastNumber(name),
    );
    channel.seq = Math.max(0, ...found);
    // Before the first line is on its way: a supervisor after us must give it the same number.
    this.#ledger.lines?.setSeq(place, channel.seq);
  }

  /** Should we die now, these lines are missing, and no number comes twice. */
  promise({ place, seq }: Channel, count: number): void {
    this.#ledger.lines?.setSeq(place, seq + count);
  }

  /** Lines from this number on could not be written; 0: none is left unsaid. */
  lost(channel: Channel | undefined, sink: LogFile, from: number, negativeErrno: number): void {
    const { lines } = this.#ledger;
    if (lines === null || channel === undefined) return;
    const file = numberedFiles(channel).find((one) => one.sink === sink);
    lines.setLost(file?.place ?? -1, from, negativeErrno);
  }

  /** Lines that the last process could not write, and had no time left to say so. To be known before anything is written: what is lost then belongs behind them. */
  resumeLost(channels: Iterable<Channel>): void {
    for (const channel of channels) this.#resumeLostOf(channel);
  }

  /** Lines for another service that the last process had handed on and that never arrived. */
  resumeLostOnTheWay({ seq, others }: Channel): void {
    const { lines } = this.#ledger;
    if (lines === null) return;
    for (const sink of others?.inlets ?? []) {
      const there = sink.place < 0 ? -1 : lines.seq(sink.place);
      if (there >= 0 && there < seq) sink.lostWithSupervisor(there + 1, seq);
    }
  }

  #resumeLostOf(channel: Channel): void {
    const { lines } = this.#ledger;
    if (lines === null) return;
    const { name, seq } = channel;
    for (const { sink, place } of numberedFiles(channel)) {
      const from = place < 0 ? 0 : lines.lostFrom(place);
      if (from === 0) continue;
      // Those behind `seq` are of the chunk that is handed on once more: it will be seen then whether they are lost.
      // Of those that were with another thread some may have got there.
      const first = from > seq ? from : Math.max(from, sink.lastNumber(name, true) + 1);
      const cause = lines.lostErrno(place);
      lines.setLost(place, 0, 0);
      if (first <= seq) sink.addLost(name, first, seq - first + 1, cause);
    }
  }

  /** Is this mark in the file with this place already? */
  isMarked(place: number, mark: number): boolean {
    const { lines } = this.#ledger;
    return lines !== null && place >= 0 && lines.mark(place) >= mark;
  }
}

/** A log file of a service, and its place among the numbers that outlive us; -1: it has none. */
export interface NumberedFile {
  readonly sink: LogFile;
  readonly place: number;
}

/** The log files of a service, the first one first. */
export function numberedFiles({ file, place, others }: Channel): readonly NumberedFile[] {
  const first = file === null ? [] : [{ sink: file, place }];
  return others === null ? first : [...first, ...others.files];
}
