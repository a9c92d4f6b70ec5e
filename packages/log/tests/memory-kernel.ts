import * as fs from "node:fs";

import type { DescriptorHandler, DescriptorWatch, LogKernel } from "@supervise/log";

export const EAGAIN = -11;
export const EPIPE = -32;
export const ENOSPC = -28;

/** Takes the bytes offered to a descriptor: how many it keeps, or a negative errno. */
export type Writer = (bytes: Buffer) => number;

/**
 * Pipes and outputs in memory with a poller that is turned by hand; files are real. Descriptors in memory begin at 1000, so that a call with a
 * wrong one fails as it would in the kernel.
 */
export class MemoryKernel implements LogKernel {
  readonly watch: DescriptorWatch;
  readonly opened = new Set<number>();
  /** Stands before every write to a file; null lets it through. */
  onFileWrite: ((bytes: Buffer) => number | null) | null = null;
  onOpen: ((path: string) => number | null) | null = null;
  fileWrites = 0;
  #next = 1000;
  readonly #pipes = new Map<number, { chunks: Buffer[]; ended: boolean }>();
  readonly #outputs = new Map<number, { writer: Writer; writable: boolean }>();
  readonly #watched = new Map<number, { events: number; handler: DescriptorHandler }>();

  constructor() {
    this.watch = {
      add: (fd, events, handler) => {
        if (this.#watched.has(fd)) return -17;
        this.#watched.set(fd, { events, handler });
        return 0;
      },
      modify: () => {
        throw new Error("not expected");
      },
      remove: (fd) => {
        this.#watched.delete(fd);
      },
      close: () => this.#watched.clear(),
    };
  }

  /** A pipe whose read end is the result. */
  pipe(): number {
    const fd = this.#next++;
    this.#pipes.set(fd, { chunks: [], ended: false });
    this.opened.add(fd);
    return fd;
  }

  push(fd: number, data: string | Buffer): void {
    this.#pipe(fd).chunks.push(Buffer.from(data));
  }

  end(fd: number): void {
    this.#pipe(fd).ended = true;
  }

  /** Bytes that nobody has read yet. */
  unread(fd: number): number {
    return this.#pipe(fd).chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  output(writer: Writer): number {
    const fd = this.#next++;
    this.#outputs.set(fd, { writer, writable: true });
    return fd;
  }

  setWritable(fd: number, writable: boolean): void {
    const output = this.#outputs.get(fd);
    if (output === undefined) throw new Error(`descriptor ${fd} is no output`);
    output.writable = writable;
  }

  isWatched(fd: number): boolean {
    return this.#watched.has(fd);
  }

  /** One turn of the loop: each handler whose descriptor is ready is called once, then microtasks run. How many were called. */
  async turn(): Promise<number> {
    let called = 0;
    for (const [fd, { events, handler }] of [...this.#watched]) {
      if (!this.#watched.has(fd) || !this.#isReady(fd, events)) continue;
      called += 1;
      handler.onReady(events);
    }
    await Promise.resolve();
    return called;
  }

  /** Turns until nothing is ready. */
  async settle(): Promise<void> {
    for (let turns = 0; (await this.turn()) > 0; turns += 1) {
      if (turns > 100_000) throw new Error("the loop never comes to rest");
    }
  }

  readable(fd: number): number {
    return this.#pipe(fd).chunks[0]?.length ?? 0;
  }

  /** Holds whatever comes. */
  widenPipe(_fd: number, bytes: number): number {
    return bytes;
  }

  read(fd: number, buffer: Uint8Array, offset: number, length: number): number {
    const pipe = this.#pipe(fd);
    const first = pipe.chunks.shift();
    if (first === undefined) return pipe.ended ? 0 : EAGAIN;
    const copied = first.copy(buffer, offset, 0, length);
    if (copied < first.length) pipe.chunks.unshift(first.subarray(copied));
    return copied;
  }

  write(fd: number, buffer: Uint8Array, offset: number, length: number): number {
    const bytes = Buffer.from(buffer.subarray(offset, offset + length));
    const output = this.#outputs.get(fd);
    if (output !== undefined) return output.writable ? output.writer(bytes) : EAGAIN;
    this.fileWrites += 1;
    const refused = this.onFileWrite?.(bytes) ?? null;
    if (refused === null) return fs.writeSync(fd, bytes);
    return refused > 0 ? fs.writeSync(fd, bytes.subarray(0, refused)) : refused;
  }

  open(path: string, flags: number, mode: number): number {
    const refused = this.onOpen?.(path) ?? null;
    if (refused !== null) return refused;
    return negativeErrno(() => {
      const fd = fs.openSync(path, flags, mode);
      this.opened.add(fd);
      return fd;
    });
  }

  close(fd: number): number {
    if (!this.opened.delete(fd)) throw new Error(`descriptor ${fd} is not open`);
    if (this.#watched.has(fd)) throw new Error(`descriptor ${fd} is closed while it is watched`);
    return this.#pipes.delete(fd) ? 0 : negativeErrno(() => (fs.closeSync(fd), 0));
  }

  /** Nothing listens on any socket. */
  connectSocket(): number {
    return -2;
  }

  send(): number {
    return -32;
  }

  #pipe(fd: number): { chunks: Buffer[]; ended: boolean } {
    const pipe = this.#pipes.get(fd);
    if (pipe === undefined) throw new Error(`descriptor ${fd} is no open pipe`);
    return pipe;
  }

  #isReady(fd: number, events: number): boolean {
    const output = this.#outputs.get(fd);
    if (output !== undefined) return output.writable && (events & 4) !== 0;
    const pipe = this.#pipes.get(fd);
    return pipe !== undefined && (pipe.chunks.length > 0 || pipe.ended);
  }
}

function negativeErrno(call: () => number): number {
  try {
    return call();
  } catch (thrown) {
    if (thrown instanceof Error && "errno" in thrown && typeof thrown.errno === "number")
      return thrown.errno;
    throw thrown;
  }
}
