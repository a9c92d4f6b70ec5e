/** Whoever stopped reading because a sink could not take more. */
export interface PausedReader {
  /** There is room again. */
  resume(): void;
}

/** Those that wait for a sink. */
export class PausedReaders {
  #all = new Set<PausedReader>();

  add(reader: PausedReader): void {
    this.#all.add(reader);
  }

  delete(reader: PausedReader): void {
    this.#all.delete(reader);
  }

  /** Each is forgotten before it goes on: it may have to wait again. */
  resumeAll(): void {
    const all = this.#all;
    this.#all = new Set();
    for (const reader of all) reader.resume();
  }
}
