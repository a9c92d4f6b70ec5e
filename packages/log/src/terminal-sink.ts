import type { ByteRing } from "./byte-ring.js";
import { pollOut, type DescriptorHandler, type DescriptorWatch } from "./descriptor-watch.js";
import type { LineBatch, LineSource } from "./line-batch.js";
import { causeOf, errno, type LogKernel, type LogProblem } from "./problem.js";
import { lineCount } from "./row-format.js";
import { TerminalFooter } from "./terminal-footer.js";
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
  /** How many rows high it is now; needed where something stands below the rows of services. */
  readonly screenRows?: () => number;
  /** It is that of GNU screen, which keeps what it knows of a row when that is erased. */
  readonly gnuScreen?: boolean;
  /** Calls back after so many milliseconds, without holding the process; returns the undo. Absent: what stands below the rows is drawn anew with each write. */
  readonly after?: (delayMs: number, call: () => void) => () => void;
}

/** What somebody who watches the terminal may do with its rows. */
export interface TerminalView {
  /** Has these lines stand below all rows, from now on; see `TerminalFooter.want`. */
  setFooter(lines: readonly string[]): void;
  /** True: rows wait. Over 1 MiB of them the services are no longer read, as with a slow reader. */
  hold(on: boolean): void;
  /** Rows of other services are not shown from now on; they go to all other places. Null: all are shown. */
  showOnly(service: string | null): void;
  /** True: no row of a service is shown, and how many were not is said at the end; the supervisor's own wait until then. */
  hide(on: boolean): void;
}

/** What the terminal tells the hub. */
export interface TerminalOwner {
  readonly kernel: LogKernel;
  readonly watch: DescriptorWatch;
  problem(problem: LogProblem): void;
  /** Where rows wait. What was left in it is written first. */
  readonly ring: ByteRing;
  /** A chunk is being handed on: its rows are published when all sinks have it. */
  readonly handing: boolean;
  /** After `blocked` was true: the services may be read again. */
  unblocked(): void;
}

/** So much may wait for a slow reader before the services are no longer read. */
const waitingLimitBytes = 1024 * 1024;

/** Between two redraws of what stands below the rows: a screen shows no more, and each costs as many bytes as a hundred rows. */
const redrawRestMs = 33;
/** So much is written at once all the same. */
const restLimitBytes = 256 * 1024;

const nothing: Buffer = Buffer.alloc(0);

/**
 * Whole rows, in the order of arrival, one write per turn of the event loop. A reader that is slow (EAGAIN) is waited for by EPOLLOUT, and what
 * waits is bounded: over the limit the sink is `blocked`. A reader that is gone ends the sink, which is said once.
 */
export class TerminalSink implements DescriptorHandler, TerminalView {
  readonly prefixes: TerminalPrefixes;
  readonly #target: TerminalTarget;
  readonly #owner: TerminalOwner;
  /** Rows for which the ring has no room; they follow when it is empty. */
  readonly #beyond: Buffer[] = [];
  readonly #dropped = new Map<LineSource, number>();
  #watching = false;
  #blocked = false;
  #scheduled = false;
  #ended = false;
  #settle: (() => void)[] = [];
  readonly #footer: TerminalFooter;
  /** Of the footer: to be written before anything else. */
  #extra: Buffer | null = null;
  /** Ends the rest after a redraw; null: there is none, and rows are written as they come. */
  #endRest: (() => void) | null = null;
  #held = false;
  #only: string | null = null;
  #hidden = false;
  #notShown = 0;

  constructor(target: TerminalTarget, owner: TerminalOwner) {
    this.#target = target;
    this.#owner = owner;
    this.prefixes = new TerminalPrefixes(target.colour);
    this.#footer = new TerminalFooter(
      target.screenRows ?? (() => Infinity),
      target.gnuScreen ?? false,
    );
    if (owner.ring.used > 0) this.#schedule();
  }

  /** True: no more should be added until `unblocked`. What is added all the same is kept. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** `drop`: while blocked the lines are left out, and a row says how many. */
  add(batch: LineBatch, drop: boolean): void {
    if (this.#ended || (this.#only !== null && this.#only !== batch.source.name)) return;
    if (this.#hidden) {
      this.#notShown += batch.count;
      return;
    }
    if (drop && this.#blocked) {
      const before = this.#dropped.get(batch.source) ?? 0;
      this.#dropped.set(batch.source, before + batch.count);
      return;
    }
    let prefix = this.prefixes.of(batch.source, batch.continued);
    let start = batch.start;
    for (let index = 0; index < batch.count; index += 1) {
      const end = batch.ends[index] ?? start;
      this.#addRow(prefix, batch.bytes, start, end);
      if (batch.continued && index === 0) prefix = this.prefixes.of(batch.source, false);
      start = end + 1;
    }
  }

  /** One of the supervisor's own messages; each of its lines is a row. */
  say(text: string, level: MessageLevel): void {
    if (this.#ended) return;
    const prefix = this.prefixes.own(level);
    for (const line of text.split("\n")) {
      const bytes = Buffer.from(line);
      this.#addRow(prefix, bytes, 0, bytes.length);
    }
    this.publish();
  }

  /** Everything that was added may be written. */
  publish(): void {
    if (this.#ended || this.#owner.handing) return;
    this.#owner.ring.publish();
    this.#schedule();
  }

  setFooter(lines: readonly string[]): void {
    if (this.#ended) return;
    this.#footer.want(lines);
    this.#schedule();
  }

  hold(on: boolean): void {
    this.#held = on;
    this.#schedule();
  }

  showOnly(service: string | null): void {
    this.#only = service;
  }

  hide(on: boolean): void {
    this.#hidden = on;
    this.#held = on;
    if (!on) this.#schedule();
    if (on || this.#notShown === 0) return;
    const count = this.#notShown;
    this.#notShown = 0;
    this.say(`${count} ${count === 1 ? "line was" : "lines were"} not shown here`, "info");
  }

  /** Settles when everything added so far is written, or the reader is gone. Ends a `hold`. */
  flush(): Promise<void> {
    this.#held = false;
    this.#stopResting();
    this.#write();
    if (this.#waitingBytes === 0) return Promise.resolve();
    return new Promise((resolve) => this.#settle.push(resolve));
  }

  /** Writes what can be written without waiting and lets go of the descriptor. */
  close(): void {
    this.#stopResting();
    this.#write();
    this.#end();
  }

  onReady(): void {
    this.#write();
  }

  #addRow(prefix: Buffer, bytes: Buffer, start: number, end: number): void {
    const safe = this.#target.tty ? terminalText(bytes, start, end) : null;
    const source = safe ?? bytes;
    const from = safe === null ? start : 0;
    const to = safe === null ? end : safe.length;
    if (this.#beyond.length === 0 && this.#owner.ring.addRow(prefix, source, from, to)) return;
    this.#beyond.push(Buffer.concat([prefix, source.subarray(from, to)]));
  }

  get #waitingBytes(): number {
    return this.#beyond.reduce((sum, row) => sum + row.length, this.#owner.ring.used);
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
    const { ring, watch } = this.#owner;
    while (!this.#ended) {
      if (this.#extra !== null) {
        if (!this.#writeExtra(this.#extra)) break;
      } else if (this.#mayGo) {
        this.#extra = this.#footer.lift();
        if (this.#extra === null && !this.#writeRows()) break;
      } else {
        this.#extra = this.#footer.put();
        if (this.#extra === null) break;
        this.#rest();
      }
    }
    if (this.#ended) return;
    const waiting = this.#extra !== null || this.#mayGo;
    if (waiting && !this.#watching) {
      const watched = watch.add(this.#target.fd, pollOut, this);
      if (watched < 0) return this.#fail(watched);
      this.#watching = true;
    } else if (!waiting && this.#watching) {
      watch.remove(this.#target.fd);
      this.#watching = false;
    }
    if (!waiting && ring.used === 0) this.#settled();
    else if (this.#waitingBytes > waitingLimitBytes) this.#blocked = true;
  }

  /** Rows are there and may be written now. */
  get #mayGo(): boolean {
    const { used } = this.#owner.ring;
    if (used === 0 || this.#held) return false;
    if (this.#endRest === null || !this.#footer.shown) return true;
    return used > restLimitBytes || this.#beyond.length > 0;
  }

  #rest(): void {
    const { after } = this.#target;
    if (after === undefined || !this.#footer.shown) return;
    this.#endRest?.();
    this.#endRest = after(redrawRestMs, () => {
      this.#endRest = null;
      this.#write();
    });
  }

  #stopResting(): void {
    this.#endRest?.();
    this.#endRest = null;
  }

  /** False: the terminal takes no more now. */
  #writeExtra(bytes: Buffer): boolean {
    const written = this.#writeSome(bytes, 0, bytes.length);
    this.#extra = written < bytes.length ? bytes.subarray(written) : null;
    return this.#extra === null;
  }

  /** False: the terminal takes no more now. */
  #writeRows(): boolean {
    const { ring } = this.#owner;
    const { bytes, start, end } = ring.next();
    const written = this.#writeSome(bytes, start, end);
    if (this.#ended) return false;
    ring.consume(written);
    if (written < end - start) return false;
    if (ring.used === 0) this.#moveUp();
    return true;
  }

  /** The ring is empty: what had no room has now. */
  #moveUp(): void {
    const { ring } = this.#owner;
    let moved = 0;
    for (const row of this.#beyond) {
      if (!ring.addRow(nothing, row, 0, row.length)) break;
      moved += 1;
    }
    // All at once: one by one each costs as much as there are rows, of which a drain may bring hundreds of thousands.
    if (moved > 0) this.#beyond.splice(0, moved);
    ring.publish();
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
    this.#stopResting();
    if (this.#watching) this.#owner.watch.remove(this.#target.fd);
    this.#watching = false;
    this.#beyond.length = 0;
    this.#extra = null;
    this.#owner.ring.consume(this.#owner.ring.used);
    this.#settled();
  }

  /** One row for each service of which lines were left out. */
  #tellDropped(): void {
    if (this.#ended) return;
    for (const [source, lines] of this.#dropped) {
      const text = Buffer.from(`(${lineCount(lines)} left out here: standard output was slow)`);
      this.#addRow(this.prefixes.of(source, false), text, 0, text.length);
    }
    this.#dropped.clear();
    this.publish();
  }

  #settled(): void {
    const settle = this.#settle;
    this.#settle = [];
    for (const resolve of settle) resolve();
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#tellDropped();
    this.#owner.unblocked();
  }
}
