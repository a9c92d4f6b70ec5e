import { FileWorker } from "./file-worker.js";

/** The threads that write the log files of a hub: one for all, and one for each file that has ever kept it waiting. */
export class FileWorkers {
  /** So long everybody waits for a file, once: then it has a thread of its own, and nobody does until it is quick again. In milliseconds. */
  readonly patienceMs: number;
  #shared: FileWorker | null = null;
  readonly #all = new Set<FileWorker>();

  constructor(patienceMs = 50) {
    this.patienceMs = patienceMs;
  }

  /** For a file that has kept nobody waiting. */
  get shared(): FileWorker {
    if (this.#shared?.dead === true) this.#shared = null;
    if (this.#shared === null) {
      this.#shared = new FileWorker();
      this.#all.add(this.#shared);
    }
    return this.#shared;
  }

  /** It is no more for all, but for the file at this path. */
  keepFor(worker: FileWorker, path: string): void {
    if (this.#shared !== worker) return;
    this.#shared = null;
    // The others go on with another thread. What this one has open of them it closes when it can.
    for (const other of worker.known)
      if (other !== path) worker.tell(other, [{ kind: "close", quietly: true }]);
    worker.known.clear();
    worker.known.add(path);
  }

  /** Is anybody at work who may never end? Also to be asked after `close`. */
  get busy(): boolean {
    return [...this.#all].some((worker) => !worker.dead && !worker.idle);
  }

  close(): void {
    for (const worker of this.#all) worker.close();
    this.#shared = null;
  }
}
