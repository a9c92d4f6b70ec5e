import type { PausedReader } from "./paused-reader.js";

/** Whoever wants the bytes of a run's output as they come, before they are lines. */
export interface OutputTap {
  /** Both streams of the run, in the order in which they are read. The memory is the tap's during the call only. */
  take(bytes: Uint8Array): void;
  /** It can take no more: the run's output is not read until `resume` is called, and the service waits in its write(2), as at any terminal. */
  readonly full: boolean;
  /** Nothing comes any more: every descriptor of the run's output is closed. */
  ended(): void;
}

/** A run with a tap on it. */
export interface TappedRun {
  /** Its output, or the first half of that, is read from this descriptor: the controller of its terminal, where it has one. It stays the hub's, until `ended`. */
  readonly fd: number;
  /** The tap was full and has room again. */
  resume(): void;
  /** The tap is not called again. */
  undo(): void;
}

interface TappedStream extends PausedReader {
  readonly run: number;
  readonly fd: number;
  readonly channel: { readonly name: string };
}

/** All taps of a hub. It exists only once somebody has asked for one. */
export class OutputTaps {
  readonly #taps = new Map<string, Set<OutputTap>>();
  readonly #paused = new Map<string, Set<TappedStream>>();

  /** Null: none of these is a stream of the run. */
  add(streams: readonly TappedStream[], run: number, tap: OutputTap): TappedRun | null {
    const stream = streams.find((one) => one.run === run);
    if (stream === undefined) return null;
    const key = keyOf(stream);
    const all = this.#taps.get(key) ?? new Set();
    this.#taps.set(key, all.add(tap));
    const resume = (): void => this.#resume(key);
    const undo = (): void => {
      all.delete(tap);
      if (all.size === 0 && this.#taps.get(key) === all) this.#taps.delete(key);
      resume();
    };
    return { fd: stream.fd, resume, undo };
  }

  take(stream: TappedStream, bytes: Uint8Array): void {
    for (const tap of this.#of(stream)) tap.take(bytes);
  }

  /** True: the stream is to stop watching, and is told by its `resume` when to go on. */
  holds(stream: TappedStream): boolean {
    if (![...this.#of(stream)].some(({ full }) => full)) return false;
    const key = keyOf(stream);
    this.#paused.set(key, (this.#paused.get(key) ?? new Set()).add(stream));
    return true;
  }

  /** A stream is closed; `last`: of its run. */
  ended(stream: TappedStream, last: boolean): void {
    const key = keyOf(stream);
    this.#paused.get(key)?.delete(stream);
    if (!last) return;
    const taps = this.#of(stream);
    this.#taps.delete(key);
    this.#paused.delete(key);
    for (const tap of taps) tap.ended();
  }

  /** A tap that is still full stops the reading anew. */
  #resume(key: string): void {
    const paused = this.#paused.get(key) ?? [];
    this.#paused.delete(key);
    for (const stream of paused) stream.resume();
  }

  #of(stream: TappedStream): ReadonlySet<OutputTap> {
    return this.#taps.get(keyOf(stream)) ?? noTaps;
  }
}

const noTaps: ReadonlySet<OutputTap> = new Set();

function keyOf({ channel, run }: TappedStream): string {
  return `${run} ${channel.name}`;
}
