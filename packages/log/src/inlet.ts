import { pollOut, type DescriptorHandler, type DescriptorWatch } from "./descriptor-watch.js";
import type { LineNumbers } from "./line-numbers.js";
import { PausedReaders, type PausedReader } from "./paused-reader.js";
import { causeOf, errno, type LogKernel, type LogProblem } from "./problem.js";

const newline = 10;
const endOfRow: Buffer = Buffer.from("\n");

/** What the inlets of a hub share. */
export interface InletOwner {
  readonly kernel: LogKernel;
  readonly watch: DescriptorWatch;
  /** Null: nothing outlives us. */
  readonly numbers: LineNumbers | null;
  problem(problem: LogProblem): void;
}

/** Rows of one service that wait for room in the pipe. */
interface Waiting {
  readonly bytes: Buffer;
  readonly place: number;
  /** Number of the line of the last row. */
  readonly lastSeq: number;
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
  #waiting: Waiting[] = [];
  #bytes = 0;
  #broken = false;
  #ending: (() => void) | null = null;

  /** The descriptor is the inlet's from now on; it is non-blocking. Negative: there is none, which was said. */
  constructor(service: string, fd: number, owner: InletOwner) {
    this.service = service;
    this.#fd = fd;
    this.#owner = owner;
    this.#broken = fd < 0;
  }

  /** Bytes that wait for room in the pipe. */
  get waitingBytes(): number {
    return this.#bytes;
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
    this.#take(endOfRow, -1, 0);
  }

  /** Takes whole rows from the beginning; how many bytes: what goes over `limitBytes` that wait is left. `lastSeq` is the number of the line of the last row. */
  offer(bytes: Buffer, limitBytes: number, place: number, lastSeq: number): number {
    if (this.#broken || this.#ending !== null) return 0;
    let written = this.#bytes > 0 ? 0 : this.#write(bytes);
    if (this.#broken) return 0;
    if (written === bytes.length) {
      this.#owner.numbers?.setSeq(place, lastSeq);
      return written;
    }
    const most = written + Math.max(0, limitBytes - this.#bytes);
    // A row of which the pipe has taken a part must be completed, whatever the limit.
    const least =
      written > 0 && bytes[written - 1] !== newline ? bytes.indexOf(newline, written) + 1 : written;
    const taken =
      most >= bytes.length
        ? bytes.length
        : Math.max(least, bytes.lastIndexOf(newline, most - 1) + 1);
    if (taken > written) {
      const left = rowsIn(bytes.subarray(written));
      const later = rowsIn(bytes.subarray(taken));
      this.#note(place, lastSeq - left, least > written);
      this.#keep({
        bytes: Buffer.from(bytes.subarray(written, taken)),
        place,
        lastSeq: lastSeq - later,
      });
    } else this.#note(place, lastSeq - rowsIn(bytes.subarray(written)), false);
    return Math.max(taken, written);
  }

  onReady(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const { bytes, place, lastSeq } = first;
      const written = this.#write(bytes);
      this.#bytes -= written;
      if (written < bytes.length) {
        if (this.#broken) return;
        if (written === 0) return;
        const rest = bytes.subarray(written);
        this.#waiting[0] = { bytes: rest, place, lastSeq };
        return this.#note(place, lastSeq - rowsIn(rest), bytes[written - 1] !== newline);
      }
      this.#note(place, lastSeq, false);
      this.#waiting.shift();
    }
    this.#owner.watch.remove(this.#fd);
    for (const call of this.#drained.splice(0)) call();
    if (this.#ending !== null) this.close();
    this.#paused.resumeAll();
  }

  /** Takes nothing more. Closes itself once nothing waits, and calls then. */
  end(ended: () => void): void {
    this.#ending = ended;
    if (this.#bytes === 0) this.close();
  }

  /** Ends the watch and closes the descriptor; what waits is lost, which is said. */
  close(): void {
    if (this.#fd >= 0) {
      this.#owner.watch.remove(this.#fd);
      this.#owner.kernel.close(this.#fd);
    }
    this.#fd = -1;
    if (this.#bytes > 0)
      this.#say(`${this.#bytes} bytes of lines for it were not read, and are lost`);
    this.#waiting = [];
    this.#bytes = 0;
    this.#broken = true;
    this.#ending?.();
    this.#ending = null;
    this.#paused.resumeAll();
  }

  #take(bytes: Buffer, place: number, lastSeq: number): void {
    const written = this.#bytes > 0 ? 0 : this.#write(bytes);
    if (written < bytes.length) this.#keep({ bytes: bytes.subarray(written), place, lastSeq });
  }

  #keep(waiting: Waiting): void {
    if (this.#bytes === 0) this.#owner.watch.add(this.#fd, pollOut, this);
    this.#bytes += waiting.bytes.length;
    this.#waiting.push(waiting);
  }

  /** Should we die now: all lines up to this one are in the pipe, and `torn`: a part of the next row. */
  #note(place: number, seq: number, torn: boolean): void {
    if (place < 0) return;
    this.#owner.numbers?.setSeq(place, seq);
    this.#owner.numbers?.setMark(place, torn ? 1 : 0);
  }

  #write(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length) {
      const result = this.#owner.kernel.write(this.#fd, bytes, at, bytes.length - at);
      if (result > 0) at += result;
      else if (result === errno.EAGAIN) break;
      else if (result !== errno.EINTR) {
        this.#say(`${causeOf(result === 0 ? errno.EIO : result)}; it gets no lines any more`);
        this.#broken = true;
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
