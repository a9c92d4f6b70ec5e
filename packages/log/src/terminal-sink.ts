import { pollOut, type DescriptorHandler, type DescriptorWatch } from "./descriptor-watch.js";
import type { LineBatch } from "./line-batch.js";
import { causeOf, errno, type LogKernel, type LogProblem } from "./problem.js";
import { RowBuffer } from "./row-buffer.js";
import { TerminalPrefixes, type MessageLevel } from "./terminal-prefix.js";
import { terminalText } from "./terminal-text.js";

/** Where rows go. The descriptor stays the caller's. */
export interface TerminalTarget {
  /** Best non-blocking (`openTerminal`); at a blocking one a reader that is slow holds up the whole supervisor. */
  readonly fd: number;
  /** A terminal: control sequences of the services are taken out. */
  readonly tty: boolean;
  /** Names in colour; the caller has looked at NO_COLOR and FORCE_COLOR. */
  readonly colour: boolean;
}

/** What the terminal tells the hub. */
export interface TerminalOwner {
  readonly kernel: LogKernel;
  readonly watch: DescriptorWatch;
  problem(problem: LogProblem): void;
  /** After `blocked` was true: the services may be read again. */
  unblocked(): void;
}

/** Rows of one turn are put together up to this size; it holds the longest row with room to spare. */
const rowBytes = 128 * 1024;
/** So much may wait for a slow reader before the services are no longer read. */
const waitingLimitBytes = 1024 * 1024;

/**
 * Whole rows, in the order of arrival, one write per turn of the event loop. A reader that is slow (EAGAIN) is waited for by EPOLLOUT, and what
 * waits is bounded: over the limit the sink is `blocked`. A reader that is gone ends the sink, which is said once.
 */
export class TerminalSink implements DescriptorHandler {
  readonly prefixes: TerminalPrefixes;
  readonly #target: TerminalTarget;
  readonly #owner: TerminalOwner;
  readonly #rows = new RowBuffer(rowBytes);
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #blocked = false;
  #scheduled = false;
  #ended = false;
  #settle: (() => void)[] = [];

  constructor(target: TerminalTarget, owner: TerminalOwner) {
    this.#target = target;
    this.#owner = owner;
    this.prefixes = new TerminalPrefixes(target.colour);
  }

  /** True: no more should be added until `unblocked`. What is added all the same is kept. */
  get blocked(): boolean {
    return this.#blocked;
  }

  add(batch: LineBatch): void {
    if (this.#ended) return;
    let prefix = this.prefixes.of(batch.source, batch.continued);
    let start = batch.start;
    for (let index = 0; index < batch.count; index += 1) {
      const end = batch.ends[index] ?? start;
      this.#addRow(prefix, batch.bytes, start, end);
      if (batch.continued && index === 0) prefix = this.prefixes.of(batch.source, false);
      start = end + 1;
    }
    this.#schedule();
  }

  /** One of the supervisor's own messages; each of its lines is a row. */
  say(text: string, level: MessageLevel): void {
    if (this.#ended) return;
    const prefix = this.prefixes.own(level);
    for (const line of text.split("\n")) {
      const bytes = Buffer.from(line);
      this.#addRow(prefix, bytes, 0, bytes.length);
    }
    this.#schedule();
  }

  /** Settles when everything added so far is written, or the reader is gone. */
  flush(): Promise<void> {
    this.#write();
    if (this.#waitingBytes === 0) return Promise.resolve();
    return new Promise((resolve) => this.#settle.push(resolve));
  }

  /** Writes what can be written without waiting and lets go of the descriptor. */
  close(): void {
    this.#write();
    this.#end();
  }

  onReady(): void {
    while (this.#waiting.length > 0) {
      const [first] = this.#waiting;
      if (first === undefined) break;
      const written = this.#writeSome(first, 0, first.length);
      if (this.#ended) return;
      this.#waitingBytes -= written;
      if (written < first.length) {
        this.#waiting[0] = first.subarray(written);
        return;
      }
      this.#waiting.shift();
    }
    this.#owner.watch.remove(this.#target.fd);
    this.#settled();
  }

  #addRow(prefix: Buffer, bytes: Buffer, start: number, end: number): void {
    const safe = this.#target.tty ? terminalText(bytes, start, end) : null;
    const source = safe ?? bytes;
    const from = safe === null ? start : 0;
    const to = safe === null ? end : safe.length;
    if (this.#rows.add(prefix, source, from, to)) return;
    this.#write();
    if (this.#rows.add(prefix, source, from, to)) return;
    // Longer than any line of a service: a message of our own. It is cut into rows that fit.
    for (let at = from; at < to; at += rowBytes / 2)
      this.#addRow(prefix, source, at, Math.min(at + rowBytes / 2, to));
  }

  /** All rows of one turn go out together: microtasks run when the turn's callback is done. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#write();
    });
  }

  #write(): void {
    const { bytes, used } = this.#rows;
    this.#rows.used = 0;
    if (used === 0 || this.#ended) return;
    const written = this.#waitingBytes > 0 ? 0 : this.#writeSome(bytes, 0, used);
    if (this.#ended || written === used) return;
    if (this.#waitingBytes === 0) {
      const watched = this.#owner.watch.add(this.#target.fd, pollOut, this);
      if (watched < 0) {
        this.#fail(watched);
        return;
      }
    }
    this.#waiting.push(Buffer.from(bytes.subarray(written, used)));
    this.#waitingBytes += used - written;
    if (this.#waitingBytes > waitingLimitBytes) this.#blocked = true;
  }

  /** How much the kernel took; ends the sink on any error but "not now". */
  #writeSome(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end) {
      const result = this.#owner.kernel.write(this.#target.fd, bytes, at, end - at);
      if (result > 0) at += result;
      else if (result === errno.EAGAIN || result === 0) break;
      else if (result !== errno.EINTR) {
        this.#fail(result);
        break;
      }
    }
    return at - start;
  }

  #fail(negativeErrno: number): void {
    this.#end();
    const message = `cannot write to standard output: ${causeOf(negativeErrno)}; lines are no longer shown, the services go on`;
    this.#owner.problem({ kind: "terminal", message });
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#waitingBytes > 0) this.#owner.watch.remove(this.#target.fd);
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.#settled();
  }

  #settled(): void {
    const settle = this.#settle;
    this.#settle = [];
    for (const resolve of settle) resolve();
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#owner.unblocked();
  }
}
