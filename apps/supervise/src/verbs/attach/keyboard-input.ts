import type { AttachedService } from "@supervise/control";
import type { Kernel } from "@supervise/sys";
import type { DetachKeys } from "./detach-keys.js";

/** So much that was read may wait for the service; then no more is read. What is typed by hand never comes near it, so that the keys that leave are always heard. */
const FULL_BYTES = 64 * 1024;

type RawKernel = Pick<Kernel, "rawTerminal" | "restoreTerminal">;

export interface KeyboardEars {
  /** The keys that leave were typed. */
  readonly left: () => void;
  /** There is no more input, and all of it was sent. */
  readonly ended: () => void;
}

/** Standard input, on its way to a service. */
export class KeyboardInput {
  readonly #kernel: RawKernel;
  readonly #keys: DetachKeys;
  readonly #ears: KeyboardEars;
  /** Null: none yet, or its connection broke. What is typed meanwhile waits for the next. */
  #service: AttachedService | null = null;
  #there: () => void = () => undefined;
  /** The terminal's settings from before; null: they are in force. */
  #settings: Uint8Array | null = null;
  #listening = false;
  #waiting = 0;
  #over = false;
  #turn: Promise<void> = Promise.resolve();

  constructor(kernel: RawKernel, keys: DetachKeys, ears: KeyboardEars) {
    this.#kernel = kernel;
    this.#keys = keys;
    this.#ears = ears;
  }

  /** Sends to this service from now on. `raw`: every key at once, as it is; else what the terminal or pipe gives, line by line. */
  take(service: AttachedService, raw: boolean): void {
    this.#service = service;
    this.#there();
    if (raw) this.#makeRaw();
    if (this.#listening) return;
    this.#listening = true;
    const { stdin } = process;
    // A terminal that is hung up; SIGHUP tells that too.
    stdin.on("error", () => this.#end());
    stdin.on("data", this.#hear);
    stdin.on("end", () => this.#end());
    stdin.resume();
  }

  /** The connection to the service broke. */
  lost(): void {
    this.#service = null;
  }

  /** Somebody else has set the terminal meanwhile. */
  takeAgain(): void {
    if (this.#settings === null) return;
    this.#settings = null;
    this.#makeRaw();
  }

  /** The terminal is as it was before, and nothing more is read. */
  release(): void {
    if (!this.#listening) return;
    this.#over = true;
    process.stdin.off("data", this.#hear);
    process.stdin.pause();
    if (this.#settings !== null) this.#kernel.restoreTerminal(0, this.#settings);
    this.#settings = null;
  }

  readonly #hear = (typed: Buffer): void => {
    const { passed, left } = this.#keys.feed(typed);
    if (passed.length > 0) this.#send(passed);
    if (left) this.#ears.left();
  };

  #send(bytes: Buffer): void {
    this.#waiting += bytes.length;
    if (this.#waiting > FULL_BYTES) process.stdin.pause();
    this.#turn = this.#passOn(this.#turn, bytes);
  }

  async #passOn(before: Promise<void>, bytes: Buffer): Promise<void> {
    await before;
    if (this.#service === null) await this.#nextService();
    await this.#service?.send(bytes);
    this.#waiting -= bytes.length;
    if (this.#waiting <= FULL_BYTES && !this.#over) process.stdin.resume();
  }

  #nextService(): Promise<void> {
    return new Promise((resolve) => {
      this.#there = resolve;
    });
  }

  #end(): void {
    this.#turn = this.#endInput(this.#turn);
  }

  async #endInput(before: Promise<void>): Promise<void> {
    await before;
    this.#service?.endInput();
    this.#ears.ended();
  }

  /** By ourselves: what Node calls raw turns each newline of the service into two bytes. */
  #makeRaw(): void {
    if (this.#settings !== null) return;
    const was = this.#kernel.rawTerminal(0);
    // Not a terminal any more: it is being hung up.
    if (typeof was !== "number") this.#settings = was;
  }
}
