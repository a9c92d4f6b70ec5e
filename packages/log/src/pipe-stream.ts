import type { Channel } from "./channel.js";
import { pollIn, type DescriptorHandler, type DescriptorWatch } from "./descriptor-watch.js";
import type { StreamNumber } from "./line-batch.js";
import { LineSplitter, type LineReceiver } from "./line-splitter.js";
import { causeOf, errno, type LogKernel, type LogProblem } from "./problem.js";

/** What all pipes of a hub share. */
export interface PipeOwner {
  readonly kernel: LogKernel;
  readonly watch: DescriptorWatch;
  /** One chunk at a time is here, from read(2) until all sinks have seen it. */
  readonly buffer: Buffer;
  readonly ends: Uint32Array;
  /** True: a sink cannot take more, so nothing is read. */
  readonly blocked: boolean;
  /** Remembers a stream that stopped watching because of `blocked`; the owner calls `resume`. */
  pause(stream: PipeStream): void;
  /** Takes the lines of a chunk, and tells when the chunk's memory is free again. */
  takeLines(
    stream: PipeStream,
    bytes: Buffer,
    start: number,
    count: number,
    partial: boolean,
    continued: boolean,
  ): void;
  beginChunk(): void;
  endChunk(): void;
  /** The descriptor is no longer watched and is closed. */
  ended(stream: PipeStream): void;
  problem(problem: LogProblem): void;
}

/** All bytes that a pipe held when a drain began are at most this many (/proc/sys/fs/pipe-max-size); a writer that goes on must not hold it up. */
const drainLimitBytes = 1024 * 1024;

/** The read end of one output pipe of one run. One read of at most the shared buffer per turn, so that no service starves another. */
export class PipeStream implements DescriptorHandler, LineReceiver {
  readonly channel: Channel;
  readonly run: number;
  readonly stream: StreamNumber;
  readonly fd: number;
  readonly #owner: PipeOwner;
  readonly #splitter = new LineSplitter();

  /** The descriptor is owned from now on; it must be non-blocking. */
  constructor(owner: PipeOwner, channel: Channel, run: number, stream: StreamNumber, fd: number) {
    this.#owner = owner;
    this.channel = channel;
    this.run = run;
    this.stream = stream;
    this.fd = fd;
  }

  /** Watches the pipe. */
  resume(): void {
    const result = this.#owner.watch.add(this.fd, pollIn, this);
    if (result < 0) this.#fail(result);
  }

  onReady(): void {
    if (this.#owner.blocked) {
      // Watching goes on only once there is room: a pipe that stays readable would wake the loop for ever.
      this.#owner.watch.remove(this.fd);
      this.#owner.pause(this);
      return;
    }
    this.#readOnce();
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
    if (!this.#splitter.holdsPart) return;
    this.#owner.beginChunk();
    this.#splitter.flush(this.#owner.ends, this);
    this.#owner.endChunk();
  }

  /** Ends the watch and leaves the descriptor open. */
  release(): void {
    this.#owner.watch.remove(this.fd);
  }

  /** Ends the watch and closes the descriptor. */
  close(): void {
    this.release();
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
    const { kernel, buffer, ends } = this.#owner;
    const length = kernel.read(this.fd, buffer, 0, buffer.length);
    if (length > 0) {
      this.#owner.beginChunk();
      this.#splitter.push(buffer.subarray(0, length), ends, this);
      this.#owner.endChunk();
    } else if (length === 0 || length === errno.EIO) {
      // EIO: the last process has closed its end of a terminal.
      this.flush();
      this.close();
    } else if (length !== errno.EAGAIN && length !== errno.EINTR) this.#fail(length);
    return length;
  }

  #fail(negativeErrno: number): void {
    this.flush();
    const name = this.stream === 0 ? "stdout" : "stderr";
    const message = `cannot read ${name} of service "${this.channel.name}": ${causeOf(negativeErrno)}; it is closed`;
    this.#owner.problem({ kind: "pipe", message });
    this.close();
  }
}
