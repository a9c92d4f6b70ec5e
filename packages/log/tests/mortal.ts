import * as fs from "node:fs";

import {
  createLogHub,
  pollIn,
  pollOut,
  type DescriptorHandler,
  type LastingMemory,
  type LogHub,
  type LogKernel,
  type LogProblem,
  type RunMark,
} from "@supervise/log";
import type { LoggingSpec } from "@supervise/model";

/** What kills a hub in the middle of a call of the kernel. */
export class Death extends Error {}

/** A call of the kernel by its number, and whether the kernel had done it when death came. */
export interface DeathAt {
  readonly call: number;
  readonly done: boolean;
  /** Of a write to a file the kernel had done a half. */
  readonly half?: boolean;
}

const EAGAIN = -11;
const ENOSPC = -28;
const LEFT_OPEN = 900;
/** The write end of the pipe to another service, which takes so many bytes before its reader empties it. */
const INPUT = 950;
const INPUT_BYTES = 100;

/** Pipes, an output and lasting memory that outlive the hubs which use them, one after another. Time stands still. */
export class Afterlife {
  /** All that the output took. */
  shown = "";
  deaths = 0;
  /** Bytes that log files still get. */
  diskRoom = Number.POSITIVE_INFINITY;
  /** All that the pipe to another service took. */
  sent = "";
  /** What was said of services that did not get lines. */
  readonly said: string[] = [];
  #room = INPUT_BYTES;
  /** Calls of the kernel by all hubs so far. */
  calls = 0;
  readonly #pending = new Map<number, Buffer>();
  readonly #pieces = new Map<number, Uint8Array>();
  readonly #handlers = new Map<number, { events: number; handler: DescriptorHandler }>();
  readonly #logging: LoggingSpec;
  readonly #deathAt: DeathAt | null;
  #dead = false;
  #hub: LogHub;

  readonly #shows: boolean;

  /** `shows`: lines go to a terminal too; less is read at once then. */
  constructor(logging: LoggingSpec, deathAt: DeathAt | null, shows = true) {
    this.#shows = shows;
    this.#logging = logging;
    this.#deathAt = deathAt;
    this.#hub = this.#born();
  }

  /** The service writes, and turns of the event loop pass until all of it is read: a death makes one more, which must not change what is read after what. */
  async write(fd: number, data: string | Buffer): Promise<void> {
    const before = this.#pending.get(fd) ?? Buffer.alloc(0);
    this.#pending.set(fd, Buffer.concat([before, Buffer.from(data)]));
    while (this.#unread() || this.#waits) {
      this.#living(() => {
        for (const [watched, { events, handler }] of this.#handlers)
          if (events === pollIn && (this.#pending.get(watched)?.length ?? 0) > 0)
            handler.onReady(events);
      });
      await this.#turn();
    }
  }

  /** Does anything wait for room in the pipe to another service? */
  get #waits(): boolean {
    return this.#handlers.get(INPUT)?.events === pollOut;
  }

  #unread(): boolean {
    return Array.from(this.#pending.values()).some((bytes) => bytes.length > 0);
  }

  /** Its run began, or its main process ended. */
  async mark(mark: RunMark): Promise<void> {
    this.#living(() => this.#hub.markRun("web", mark));
    await this.#turn();
  }

  /** The run is over. */
  async end(): Promise<void> {
    this.#living(() => this.#hub.closeRun("web", 1));
    await this.#turn();
    while (this.#waits) await this.#turn();
    this.#living(() => this.#hub.endLeft());
    await this.#turn();
    this.#living(() => this.#hub.close());
  }

  /** The terminal is written to in a microtask; death there is found out afterwards. */
  async #turn(): Promise<void> {
    this.#room = INPUT_BYTES;
    this.#living(() => this.#handlers.get(INPUT)?.handler.onReady(pollOut));
    await Promise.resolve();
    while (this.#dead) {
      this.deaths += 1;
      this.#living(() => (this.#hub = this.#born()));
      await Promise.resolve();
    }
  }

  /** Does it, or, where death comes, has another hub come back to what the last one left, as often as it takes. */
  #living(deed: () => void): void {
    for (;;) {
      try {
        deed();
        return;
      } catch (error) {
        if (!(error instanceof Death)) throw error;
        this.deaths += 1;
        this.#hub = this.#born();
      }
    }
  }

  #born(): LogHub {
    this.#handlers.clear();
    const hub = createLogHub({
      kernel: this.#kernel(),
      watch: {
        add: (fd, events, handler) => (this.#handlers.set(fd, { events, handler }), 0),
        modify: () => 0,
        remove: (fd) => void this.#handlers.delete(fd),
        close: () => this.#handlers.clear(),
      },
      clock: () => 1_800_000_000_000_000,
      terminal: this.#shows ? { fd: 1, tty: false, colour: false } : null,
      memory: this.#memory(),
      input: () => INPUT,
      onProblem: (problem) => this.#hear(problem),
    });
    hub.configure({ name: "web", logging: this.#logging });
    hub.resume();
    hub.openRun("web", 1, { stdout: LEFT_OPEN, stderr: LEFT_OPEN + 1 }, "0123");
    return hub;
  }

  #hear({ kind, message }: LogProblem): void {
    if (kind !== "service" && !message.includes("ENOSPC")) throw new Error(message);
    this.said.push(message);
  }

  #memory(): LastingMemory {
    return {
      size: Math.max(0, ...Array.from(this.#pieces, ([offset, piece]) => offset + piece.length)),
      map: (offset, length) => {
        const piece = this.#pieces.get(offset) ?? new Uint8Array(length);
        this.#pieces.set(offset, piece);
        return piece;
      },
      reserve: () => true,
    };
  }

  /** Of one life: after a death nothing is done any more. */
  #kernel(): LogKernel {
    this.#dead = false;
    const life = { over: false };
    const files = new Set<number>();
    const mortal = <Result>(deed: () => Result): Result => {
      if (life.over) throw new Death();
      const at = this.#deathAt?.call === this.calls++ ? this.#deathAt : null;
      const result = at === null || at.done ? deed() : null;
      if (at === null) return result as Result;
      life.over = true;
      for (const fd of files) fs.closeSync(fd);
      throw new Death();
    };
    return {
      connectSocket: () => -2,
      send: () => -32,
      widenPipe: (_fd, bytes) => mortal(() => bytes),
      readable: (fd) => mortal(() => this.#pending.get(fd)?.length ?? 0),
      read: (fd, buffer, offset, length) =>
        mortal(() => {
          const pending = this.#pending.get(fd) ?? Buffer.alloc(0);
          if (pending.length === 0) return EAGAIN;
          const copied = pending.copy(buffer, offset, 0, length);
          this.#pending.set(fd, pending.subarray(copied));
          return copied;
        }),
      write: (fd, buffer, offset, length) => {
        const bytes = Buffer.from(buffer.subarray(offset, offset + length));
        if (fd === INPUT)
          return mortal(() => {
            const taken = Math.min(bytes.length, this.#room);
            this.#room -= taken;
            this.sent += bytes.toString("latin1", 0, taken);
            return taken === 0 ? EAGAIN : taken;
          });
        if (fd !== 1)
          return mortal(() => {
            const half = this.#deathAt?.half === true && this.#deathAt.call === this.calls - 1;
            const taken = Math.min(half ? bytes.length >> 1 : bytes.length, this.diskRoom);
            if (taken === 0 && bytes.length > 0) return ENOSPC;
            this.diskRoom -= taken;
            return fs.writeSync(fd, bytes.subarray(0, taken));
          });
        try {
          return mortal(() => {
            this.shown += bytes.toString("latin1");
            return length;
          });
        } catch {
          // Nobody could catch it.
          this.#dead = true;
          return EAGAIN;
        }
      },
      open: (path, flags, mode) =>
        mortal(() => {
          const fd = fs.openSync(path, flags, mode);
          files.add(fd);
          return fd;
        }),
      close: (fd) =>
        mortal(() => {
          if (files.delete(fd)) fs.closeSync(fd);
          return 0;
        }),
    };
  }
}

/** The read ends of the pipes of the only service. */
export const pipes = { stdout: LEFT_OPEN, stderr: LEFT_OPEN + 1 } as const;
