import { pollOut, type DescriptorHandler, type DescriptorWatch } from "./descriptor-watch.js";
import type { LineNumbers } from "./line-numbers.js";
import { PausedReaders, type PausedReader } from "./paused-reader.js";
import { causeOf, errno, type LogKernel, type LogProblem } from "./problem.js";
import { WaitingRows, type WaitingRowsOwner } from "./waiting-rows.js";

const newline = 10;
const endOfRow: Buffer = Buffer.from("\n");

/** What the inlets of a hub share. */
export interface InletOwner {
  readonly kernel: LogKernel;
  readonly watch: DescriptorWatch;
  /** What outlives us. */
  readonly ledger: WaitingRowsOwner & { readonly lines: LineNumbers | null };
  problem(problem: LogProblem): void;
}

/** The pipe to the standard input of one service, which several others may send their lines to. Rows are whole, and in the order in which they came. */
export class Inlet implements DescriptorHandler {
  readonly service: string;
  /** Services that send here. */
  users = 0;
  readonly #owner: InletOwner;
  /** -1: closed. */
  #fd: number;
  readonly #paused = new PausedReaders();
  readonly #drained: (() => void)[] = [];
  readonly #waiting: WaitingRows;
  #broken = false;
  #ending: (() => void) | null = null;

  /** The descriptor is the inlet's from now on; it is non-blocking. Negative: there is none, which was said. Goes on with what the last process held. */
  constructor(service: string, fd: number, owner: InletOwner) {
    this.service = service;
    this.#fd = fd;
    this.#owner = owner;
    this.#broken = fd < 0;
    this.#waiting = new WaitingRows(service, owner.ledger);
    if (fd >= 0 && this.#waiting.bytes > 0) owner.watch.add(fd, pollOut, this);
  }

  /** Bytes that wait for room in the pipe. */
  get waitingBytes(): number {
    return this.#waiting.bytes;
  }

  /** Who should read no more; `resume` is called once nothing waits. */
  pause(reader: PausedReader): void {
    this.#paused.add(reader);
  }

  forget(reader: PausedReader): void {
    this.#paused.delete(reader);
  }

  /** Called once, when nothing waits any more. */
  onceDrained(call: () => void): void {
    this.#drained.push(call);
  }

  /** A row was cut off by the death of a supervisor: the rest of it is not going to come. */
  endTornRow(): void {
    this.offer(endOfRow, endOfRow.length, -1, 0);
  }

  /**
   * Takes whole rows from the beginning; how many bytes: what goes over `limitBytes` that wait is left. `lastSeq` is the number of the line of the last row. Should we die at any
   * moment, the place tells what was taken.
   */
  offer(bytes: Buffer, limitBytes: number, place: number, lastSeq: number): number {
    if (this.#broken || this.#ending !== null) return 0;
    const written = this.waitingBytes > 0 ? 0 : this.#write(bytes);
    const torn = written > 0 && bytes[written - 1] !== newline;
    if (written < bytes.length) this.#note(place, lastSeq - rowsIn(bytes.subarray(written)), torn);
    if (this.#broken || written === bytes.length) {
      if (!this.#broken) this.#note(place, lastSeq, false);
      return written;
    }
    // A row of which the pipe has taken a part is completed, whatever the limit.
    const least = torn ? bytes.indexOf(newline, written) + 1 : written;
    const most = written + Math.max(0, limitBytes - this.waitingBytes);
    const fits = most >= bytes.length ? bytes.length : bytes.lastIndexOf(newline, most - 1) + 1;
    const taken = Math.max(least, fits, written);
    if (taken === written) return taken;
    if (this.waitingBytes === 0) this.#owner.watch.add(this.#fd, pollOut, this);
    this.#waiting.add(bytes.subarray(written, taken));
    this.#note(place, lastSeq - rowsIn(bytes.subarray(taken)), false);
    return taken;
  }

  onReady(): void {
    for (let { next } = this.#waiting; next.length > 0; { next } = this.#waiting) {
      const written = this.#write(next);
      const { length } = next;
      this.#waiting.gone(written);
      if (written < length) return;
    }
    this.#owner.watch.remove(this.#fd);
    for (const call of this.#drained.splice(0)) call();
    if (this.#ending !== null && this.waitingBytes === 0) this.close();
    this.#paused.resumeAll();
  }

  /** Takes nothing more. Closes itself once nothing waits, and calls then. */
  end(ended: () => void): void {
    this.#ending = ended;
    if (this.waitingBytes === 0) this.close();
  }

  /** Ends the watch and closes the descriptor; what waits is lost, which is said. */
  close(): void {
    if (this.#fd >= 0) {
      this.#owner.watch.remove(this.#fd);
      this.#owner.kernel.close(this.#fd);
    }
    this.#fd = -1;
    if (this.waitingBytes > 0)
      this.#say(`${this.waitingBytes} bytes of lines for it were not read, and are lost`);
    this.#waiting.forget();
    this.#broken = true;
    this.#ending?.();
    this.#ending = null;
    this.#paused.resumeAll();
  }

  /** All lines up to this one are taken, and `torn`: a part of the next row too. */
  #note(place: number, seq: number, torn: boolean): void {
    if (place < 0) return;
    this.#owner.ledger.lines?.setSeq(place, seq);
    this.#owner.ledger.lines?.setMark(place, torn ? 1 : 0);
  }

  #write(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length) {
      const result = this.#owner.kernel.write(this.#fd, bytes, at, bytes.length - at);
      if (result > 0) {
        at += result;
        // It is full: nobody need ask again, and what was taken is noted at once.
        if (at < bytes.length) break;
      } else if (result === errno.EAGAIN) break;
      else if (result !== errno.EINTR) {
        this.#say(`${causeOf(result === 0 ? errno.EIO : result)}; it gets no lines any more`);
        this.#broken = true;
        this.#owner.watch.remove(this.#fd);
        break;
      }
    }
    return at;
  }

  #say(cause: string): void {
    this.#owner.problem({
      kind: "service",
      message: `cannot send lines to service "${this.service}": ${cause}`,
    });
  }
}

/** A last row without its newline counts. */
export function rowsIn(bytes: Buffer): number {
  let rows = 0;
  for (let at = 0; at < bytes.length; rows += 1) {
    const end = bytes.indexOf(newline, at);
    at = end < 0 ? bytes.length : end + 1;
  }
  return rows;
}
