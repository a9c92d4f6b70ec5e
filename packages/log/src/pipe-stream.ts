import type { Channel } from "./channel.js";
import type { HeldPart } from "./held-part.js";
import { chunkBytes, identityText, type LeftChunk } from "./ledger.js";
import { pollIn, type DescriptorHandler, type DescriptorWatch } from "./descriptor-watch.js";
import { noPriority } from "./line-batch.js";
import type { LineOrigin } from "./line-origin.js";
import { LineSplitter, type LineReceiver } from "./line-splitter.js";
import type { OutputTaps } from "./output-taps.js";
import { causeOf, errno, type LogKernel, type LogProblem } from "./problem.js";

/** What all pipes of a hub share. */
export interface PipeOwner {
  readonly kernel: LogKernel;
  readonly watch: DescriptorWatch;
  /** One chunk at a time is here, from read(2) until all sinks have seen it. */
  readonly buffer: Buffer;
  /** Null: no terminal takes the lines. */
  readonly view: object | null;
  /** Is written down what is on its way, for whoever comes after our death? */
  readonly lasting: boolean;
  readonly ends: Uint32Array;
  /** Null: nobody has ever asked for bytes as they come. */
  readonly taps: OutputTaps | null;
  /** True: a sink cannot take more, so nothing is read. */
  readonly blocked: boolean;
  /** Remembers a stream that stopped watching because of `blocked`; the owner calls `resume`. */
  pause(stream: PipeStream): void;
  /** Takes the lines of a chunk, and tells when the chunk's memory is free again. */
  takeLines(
    origin: LineOrigin,
    bytes: Buffer,
    start: number,
    count: number,
    partial: boolean,
    continued: boolean,
  ): void;
  /** Before `length` bytes are read, or (0) a part is handed on as it is. */
  beginChunk(stream: PipeStream, length: number): void;
  /** Fewer bytes came than were asked for; 0: none. */
  shortenChunk(length: number): void;
  endChunk(stream: PipeStream): void;
  claimPart(identity: string): HeldPart;
  /** The descriptor is no longer watched and is closed. */
  ended(stream: PipeStream): void;
  problem(problem: LogProblem): void;
}

/** Whose output it is. */
export interface PipeRun {
  readonly number: number;
  /** Names the run among all runs of all times. */
  readonly id: string;
}

/** All bytes that a pipe held when a drain began are at most this many (/proc/sys/fs/pipe-max-size); a writer that goes on must not hold it up. */
const drainLimitBytes = 1024 * 1024;

/** A read of so much found the pipe nearly full: its writer is as fast as we are, and one of the two waits for the other at each read. */
const fullBytes = 32 * 1024;
/** After so many in a row the pipe is made wider, once; 64 KiB is what others have. */
const fullReads = 16;
const wideBytes = 256 * 1024;

/** The most that one read takes where a terminal takes the lines: its ring must hold all their rows, however short they are. */
const forTerminalBytes = 64 * 1024;

/** The read end of one output pipe of one run. One read per turn, so that no service starves another. */
export class PipeStream implements DescriptorHandler, LineReceiver, LineOrigin {
  readonly channel: Channel;
  readonly run: number;
  readonly stream: 0 | 1;
  readonly priority: number = noPriority;
  readonly fd: number;
  readonly #owner: PipeOwner;
  readonly splitter: LineSplitter = new LineSplitter();
  /** As text; empty where nothing is written down. */
  readonly identity: string;
  /** In a row, until the pipe is wide. */
  #fullReads = 0;
  /** Where a beginning of a line is held for whoever comes after us; null as long as there never was one. */
  part: HeldPart | null = null;

  /** The descriptor is owned from now on; it must be non-blocking. */
  constructor(owner: PipeOwner, channel: Channel, run: PipeRun, stream: 0 | 1, fd: number) {
    this.#owner = owner;
    this.channel = channel;
    this.run = run.number;
    this.stream = stream;
    this.fd = fd;
    this.identity = owner.lasting
      ? identityText({ service: channel.name, run: run.number, stream, id: run.id })
      : "";
  }

  /** Goes on with the beginning of a line that the last process held. */
  resumePart(part: HeldPart): void {
    this.part = part;
    part.restoreTo(this.splitter);
  }

  /** Hands on what the last process had read and not finished with; it is still in the shared buffer. */
  replay({ length }: LeftChunk): void {
    if (length > 0)
      this.splitter.push(this.#owner.buffer.subarray(0, length), this.#owner.ends, this);
    else this.splitter.flush(this.#owner.ends, this);
    this.#owner.endChunk(this);
  }

  /** To be asked before a commit. */
  partToKeep(): HeldPart | null {
    if (this.part === null && this.#owner.lasting && this.splitter.unfinished)
      this.part = this.#owner.claimPart(this.identity);
    return this.part;
  }

  /** Watches the pipe. */
  resume(): void {
    const result = this.#owner.watch.add(this.fd, pollIn, this);
    if (result < 0) this.#fail(result);
  }

  onReady(): void {
    if (this.#owner.blocked && !this.channel.drops) {
      // Watching goes on only once there is room: a pipe that stays readable would wake the loop for ever.
      this.#owner.watch.remove(this.fd);
      this.#owner.pause(this);
      return;
    }
    const { full } = this.channel;
    if (full !== null) {
      this.#owner.watch.remove(this.fd);
      full.pause(this);
      return;
    }
    if (this.#owner.taps?.holds(this) === true) this.#owner.watch.remove(this.fd);
    else this.#readOnce();
  }

  /** Reads what the pipe holds now and hands on a last line without newline. Never waits for a writer. */
  drain(): void {
    let left = drainLimitBytes;
    while (left > 0) {
      const length = this.#readOnce();
      if (length <= 0) break;
      left -= length;
    }
    this.flush();
  }

  /** Hands on a line whose newline has not come. */
  flush(): void {
    if (!this.splitter.holdsPart) return;
    this.#owner.beginChunk(this, 0);
    this.splitter.flush(this.#owner.ends, this);
    this.#owner.endChunk(this);
  }

  /** Reads what is there and closes the descriptor. */
  end(): void {
    this.drain();
    // At the end of the pipe the drain has closed it.
    if (this.channel.streams.includes(this)) this.close();
  }

  /** Ends the watch and leaves the descriptor open. */
  release(): void {
    this.#owner.watch.remove(this.fd);
    this.channel.forgetReader(this);
  }

  /** Ends the watch and closes the descriptor. */
  close(): void {
    this.release();
    this.part?.release();
    this.#owner.kernel.close(this.fd);
    this.#owner.ended(this);
  }

  receive(
    bytes: Buffer,
    start: number,
    _ends: Uint32Array,
    count: number,
    partial: boolean,
    continued: boolean,
  ): void {
    this.#owner.takeLines(this, bytes, start, count, partial, continued);
  }

  /** What read(2) returned; at the end of the pipe the stream closes itself. */
  #readOnce(): number {
    const { kernel, buffer, ends, lasting, view } = this.#owner;
    const readBytes = view === null ? chunkBytes : forTerminalBytes;
    const wanted = lasting ? this.#known(readBytes) : readBytes;
    if (lasting) this.#owner.beginChunk(this, wanted);
    const length = kernel.read(this.fd, buffer, 0, wanted);
    if (lasting && length < wanted) this.#owner.shortenChunk(Math.max(length, 0));
    if (length > 0) {
      if (!lasting) this.#owner.beginChunk(this, length);
      this.#owner.taps?.take(this, buffer.subarray(0, length));
      this.splitter.push(buffer.subarray(0, length), ends, this);
      this.#owner.endChunk(this);
      if (this.#fullReads < fullReads) this.#widen(length);
    } else if (length === 0 || length === errno.EIO) {
      // EIO: the last process has closed its end of a terminal.
      this.flush();
      this.close();
    } else if (length !== errno.EAGAIN && length !== errno.EINTR) this.#fail(length);
    return length;
  }

  #widen(length: number): void {
    this.#fullReads = length < fullBytes ? 0 : this.#fullReads + 1;
    // A terminal, or more than a user may have: it stays as it is.
    if (this.#fullReads === fullReads) this.#owner.kernel.widenPipe(this.fd, wideBytes);
  }

  /** So much can be read and no more: then how much was is known even if we die in the read. At least 1, for its end must be read too. */
  #known(limit: number): number {
    const held = this.#owner.kernel.readable(this.fd);
    return Math.max(1, Math.min(held, limit));
  }

  #fail(negativeErrno: number): void {
    this.flush();
    const name = this.stream === 0 ? "stdout" : "stderr";
    const message = `cannot read ${name} of service "${this.channel.name}": ${causeOf(negativeErrno)}; it is closed`;
    this.#owner.problem({ kind: "pipe", message });
    this.close();
  }
}
