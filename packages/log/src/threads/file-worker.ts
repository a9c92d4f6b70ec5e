import type { MessagePort, Worker } from "node:worker_threads";

import type { FileReply, FileStep, FileThreadData } from "./file-job.js";

/** Told of a reply that was not waited for; null: the thread has died, and there will be none. */
export type Replied = (reply: FileReply | null) => void;

/** A thread that writes log files, for those who give it work: one job at a time. Its own start takes 40 ms, in which nobody waits. */
export class FileWorker {
  /** Paths that it has files for. */
  readonly known: Set<string> = new Set();
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #done: Int32Array = new Int32Array(new SharedArrayBuffer(4));
  #sent = 0;
  #awaited = 0;
  #replied: Replied | null = null;
  #dead = false;

  constructor() {
    const { MessageChannel, Worker: Thread } = process.getBuiltinModule("node:worker_threads");
    const { port1, port2 } = new MessageChannel();
    const own = import.meta.url;
    // In the bundle its code is in a file of its own beside this one.
    const file = own.endsWith(".cjs") ? "./file-thread.cjs" : "./file-thread.js";
    const workerData: FileThreadData = { done: this.#done, port: port2 };
    this.#port = port1;
    this.#worker = new Thread(new URL(file, own), {
      workerData,
      transferList: [port2],
      execArgv: [],
    });
    this.#worker.on("error", () => this.#died());
    this.#worker.on("exit", () => this.#died());
    this.#worker.unref();
    port1.on("message", (reply: FileReply) => this.#took(reply));
    port1.unref();
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Nobody waits for it now. */
  get idle(): boolean {
    return this.#replied === null;
  }

  /** Has it done anything yet? */
  get started(): boolean {
    return Atomics.load(this.#done, 0) > 0;
  }

  /** Gives it a job; `replied` is called once, but not from within this call. Not while another job is on its way. */
  begin(path: string, steps: readonly FileStep[], replied: Replied): void {
    this.#replied = replied;
    this.#port.ref();
    this.#post(path, steps);
    this.#awaited = this.#sent;
  }

  /** What nobody needs to know the outcome of; behind what it is doing. */
  tell(path: string, steps: readonly FileStep[]): void {
    if (!this.#dead) this.#post(path, steps);
  }

  /** Waits for the job that is on its way, for so many milliseconds at most. False: it is not done. */
  wait(forMs: number): boolean {
    const { receiveMessageOnPort } = process.getBuiltinModule("node:worker_threads");
    const until = performance.now() + forMs;
    for (;;) {
      const before = Atomics.load(this.#done, 0);
      for (let found; (found = receiveMessageOnPort(this.#port)) !== undefined;)
        this.#took(found.message as FileReply);
      if (this.#replied === null || this.#dead) return true;
      const left = until - performance.now();
      if (left <= 0) return false;
      Atomics.wait(this.#done, 0, before, left);
    }
  }

  /** Its end, once it has done what it was given. */
  close(): void {
    this.#port.close();
  }

  #post(path: string, steps: readonly FileStep[]): void {
    this.#sent += 1;
    const rows = steps.flatMap((step) => (step.kind === "rows" ? step.rows.bytes.buffer : []));
    this.#port.postMessage({ number: this.#sent, path, steps }, rows as ArrayBuffer[]);
  }

  #took(reply: FileReply): void {
    const replied = this.#replied;
    // Of a job that was only told.
    if (reply.number !== this.#awaited || replied === null) return;
    this.#replied = null;
    this.#port.unref();
    replied(reply);
  }

  #died(): void {
    if (this.#dead) return;
    this.#dead = true;
    const replied = this.#replied;
    this.#replied = null;
    this.#port.unref();
    replied?.(null);
  }
}
