import type { Compression, LogMode } from "@supervise/model";

import { loss, type Lost } from "../file-loss.js";
import type { FileOwner, Rotation } from "../file-owner.js";
import type { RowStyle } from "../file-rows.js";
import type { FileMark } from "../ledger.js";
import type { LineBatch } from "../line-batch.js";
import type { FileState, FullSink, LogFile } from "../log-file.js";
import { PausedReaders, type PausedReader } from "../paused-reader.js";
import { errno } from "../problem.js";
import { lineCount } from "../row-format.js";
import { rowsIn } from "../rows-there.js";
import type { FileReply, FileStep, NumberedRows } from "./file-job.js";
import type { FileWorker } from "./file-worker.js";
import type { FileWorkers } from "./file-workers.js";

/** The thread's own start comes first, in milliseconds: so long it is waited for at least. */
const startMs = 500;
/** A job that is older than this, and than our patience, is one of a file that hangs, in milliseconds. */
const hangsMs = 1000;
/** A file is quick again after so many jobs that took no longer than this, in milliseconds. */
const quickJobs = 5;
const quickMs = 5;
/** Rows of one job, in bytes. */
const jobBytes = 256 * 1024;
/** A service that has to wait is not read any more while rows of it wait. Its last words are taken nevertheless, but no more than these. */
const blockingBytes = 16 * 1024 * 1024;
const newline = 10;
const none = new Uint8Array(0);

/** How much may wait, and for whom. */
export interface Waiting {
  readonly mode: LogMode;
  /** With mode non-blocking. */
  readonly maxBufferBytes: number;
}

/**
 * A log file that may hang, written by another thread. As long as it is quick each write is waited for, as with any file: so what this file promises about exits and deaths holds
 * here too. When it has kept us waiting, rows queue up, and what has no room is counted; or the service has to wait, and it alone.
 */
export class ThreadedFile implements LogFile, FullSink {
  readonly path: string;
  users = 0;
  totalBytes: number | null = null;
  #waiting: Waiting = { mode: "blocking", maxBufferBytes: 0 };
  #style: RowStyle = { format: "plain", timestamps: "utc" };
  #rotation: Rotation = { maxSizeBytes: null, maxAgeMs: null, maxFiles: 1, compression: null };
  #settingsKnown = false;
  readonly #owner: FileOwner;
  readonly #workers: FileWorkers;
  #worker: FileWorker | null = null;
  /** It has a thread of its own. */
  #slow = false;
  /** Jobs since it was last slow that were quick. */
  #quick = quickJobs;
  #steps: FileStep[] = [];
  #stepBytes = 0;
  /** Rows that the thread has and that are not written yet. */
  #onTheWay: readonly NumberedRows[] = [];
  #onTheWayBytes = 0;
  #began = 0;
  #reply: FileReply | null = null;
  #state: FileState | null;
  /** Lines that had no room, and of which the thread has not been told. */
  readonly #dropped = new Map<string, Lost>();
  readonly #noted = new Map<string, number>();
  readonly #paused = new PausedReaders();
  #flushed: (() => void)[] = [];
  #said = false;

  /** `state`: of who wrote the file before; null: nobody did. */
  constructor(path: string, owner: FileOwner, workers: FileWorkers, state: FileState | null) {
    this.path = path;
    this.#owner = owner;
    this.#workers = workers;
    this.#state = state;
    // It starts while there is nothing to write yet.
    void workers.shared;
  }

  get style(): RowStyle {
    return this.#style;
  }

  set style(style: RowStyle) {
    this.#style = style;
    this.#settingsKnown = false;
  }

  get maxFiles(): number {
    return this.#rotation.maxFiles;
  }

  get compression(): Compression | null {
    return this.#rotation.compression;
  }

  get full(): FullSink | null {
    return this.#waiting.mode === "blocking" && this.#waitingBytes > 0 ? this : null;
  }

  get #waitingBytes(): number {
    return this.#stepBytes + this.#onTheWayBytes;
  }

  get #idle(): boolean {
    return this.#worker?.idle ?? true;
  }

  setWaiting(waiting: Waiting): void {
    this.#waiting = waiting;
    if (waiting.mode === "non-blocking") this.#paused.resumeAll();
  }

  pause(reader: PausedReader): void {
    this.#paused.add(reader);
  }

  forget(reader: PausedReader): void {
    this.#paused.delete(reader);
  }

  setRotation(rotation: Rotation): void {
    this.#rotation = rotation;
    this.#settingsKnown = false;
  }

  rotateNow(): number {
    return this.#give({ kind: "rotate" })?.result ?? 0;
  }

  mark(): FileMark | null {
    if (this.#reply?.mark) return this.#reply.mark;
    return this.#give({ kind: "look" })?.mark ?? null;
  }

  leaveOut(since: FileMark): void {
    this.#give({ kind: "leaveOut", since });
  }

  lastNumber(service: string, whole = false): number {
    return this.#give({ kind: "lastNumber", service, whole })?.result ?? 0;
  }

  write(batch: LineBatch): void {
    const { rows } = this.#owner;
    const service = batch.source.name;
    let firstSeq = batch.firstSeq;
    rows.put(this.#style, batch, (lastSeq, bytes, start, end) => {
      rows.rows.used = 0;
      this.#offer(service, firstSeq, lastSeq, bytes.subarray(start, end));
      firstSeq = lastSeq + 1;
    });
  }

  writeMark(row: Buffer): void {
    this.#give({ kind: "mark", row: Uint8Array.from(row) });
  }

  addLost(service: string, first: number, lines: number, cause: number): void {
    this.#give({ kind: "lost", service, first, lines, cause });
  }

  finish(): void {
    const { patienceMs } = this.#workers;
    const until = performance.now() + patienceMs;
    while (!this.#idle && performance.now() - this.#began < Math.max(hangsMs, patienceMs)) {
      if (this.#worker?.wait(Math.max(0, until - performance.now())) !== true) return;
    }
  }

  flush(): Promise<void> {
    if (this.#idle) return Promise.resolve();
    return new Promise((resolve) => this.#flushed.push(resolve));
  }

  close(): void {
    this.finish();
    this.#give({ kind: "close", quietly: false });
    this.finish();
    if (!this.#idle) this.#say(`it hangs; ${lineCount(this.#linesLeft())} may not be in it`);
    this.#worker?.known.delete(this.path);
    if (this.#slow) this.#worker?.close();
    this.#paused.resumeAll();
  }

  #offer(service: string, firstSeq: number, lastSeq: number, bytes: Buffer): void {
    if (bytes.length === 0) return;
    const fits = this.#fits(bytes);
    const left = fits === bytes.length ? 0 : rowsIn(bytes, fits, bytes.length);
    const lost = this.#dropped.get(service);
    if (fits > 0) {
      if (lost !== undefined) this.#tell(service, lost);
      const taken = new Uint8Array(fits);
      taken.set(bytes.subarray(0, fits));
      this.#give({
        kind: "rows",
        rows: { service, firstSeq, lastSeq: lastSeq - left, bytes: taken },
      });
    }
    if (left === 0) return;
    this.#drop(service, lastSeq - left + 1, left, loss.dropped);
    if (!this.#said) this.#say("it does not keep up; lines are counted until it does");
    this.#said = true;
    this.#note();
  }

  /** How many bytes, of whole rows, there is room for. */
  #fits(bytes: Buffer): number {
    const waits = this.#waitingBytes;
    if (waits === 0) return bytes.length;
    const { mode, maxBufferBytes } = this.#waiting;
    const room = (mode === "blocking" ? blockingBytes : maxBufferBytes) - waits;
    if (room >= bytes.length) return bytes.length;
    return room <= 0 ? 0 : bytes.lastIndexOf(newline, room - 1) + 1;
  }

  #drop(service: string, first: number, lines: number, cause: number): void {
    const before = this.#dropped.get(service);
    this.#dropped.set(service, {
      first: before?.first ?? first,
      lines: (before?.lines ?? 0) + lines,
      cause: before?.cause ?? cause,
    });
  }

  #tell(service: string, { first, lines, cause }: Lost): void {
    this.#dropped.delete(service);
    this.#steps.push({ kind: "lost", service, first, lines, cause });
  }

  /** What the thread says to it; null: that is not known yet. */
  #give(step: FileStep): FileReply | null {
    this.#steps.push(step);
    this.#stepBytes += rowsOf(step)[0]?.bytes.length ?? 0;
    if (this.#idle) {
      const worker = this.#send();
      if (this.#quick >= quickJobs) {
        const { patienceMs } = this.#workers;
        if (worker.wait(worker.started ? patienceMs : Math.max(startMs, patienceMs)))
          return this.#reply;
        this.#isSlow(worker);
      }
    }
    this.#note();
    return null;
  }

  #isSlow(worker: FileWorker): void {
    this.#slow = true;
    this.#quick = 0;
    this.#workers.keepFor(worker, this.path);
    const began = this.#began;
    if (this.#waiting.mode === "blocking")
      setTimeout(() => {
        if (!this.#idle && this.#began === began)
          this.#say("it hangs; the services that write there wait until it goes on");
      }, hangsMs).unref();
  }

  /** Gives the thread what has come together. */
  #send(): FileWorker {
    const worker = this.#thread();
    const steps: FileStep[] = [];
    if (!worker.known.has(this.path)) {
      worker.known.add(this.path);
      steps.push({ kind: "begin", state: this.#state });
      this.#settingsKnown = false;
    }
    if (!this.#settingsKnown) {
      steps.push({ kind: "settings", style: this.#style, rotation: this.#rotation });
      this.#settingsKnown = true;
    }
    const rows: NumberedRows[] = [];
    let bytes = 0;
    let step: FileStep | undefined;
    while (bytes < jobBytes && (step = this.#steps.shift()) !== undefined) {
      steps.push(step);
      rows.push(...rowsOf(step));
      bytes += rowsOf(step)[0]?.bytes.length ?? 0;
    }
    this.#stepBytes -= bytes;
    // The bytes themselves are the thread's from now on.
    this.#onTheWay = rows.map((each) => ({ ...each, bytes: none }));
    this.#onTheWayBytes = bytes;
    this.#began = performance.now();
    worker.begin(this.path, steps, (reply) => this.#took(reply));
    return worker;
  }

  #thread(): FileWorker {
    if (this.#worker === null || this.#worker.dead || !this.#slow) {
      this.#slow = false;
      this.#worker = this.#workers.shared;
    }
    return this.#worker;
  }

  #took(reply: FileReply | null): void {
    const rows = this.#onTheWay;
    this.#onTheWay = [];
    this.#onTheWayBytes = 0;
    if (reply === null) {
      for (const { service, firstSeq, lastSeq } of rows)
        this.#drop(service, firstSeq, lastSeq - firstSeq + 1, errno.EIO);
    } else {
      this.#reply = reply;
      this.#state = reply.state;
      if (this.#quick < quickJobs) this.#quick = reply.tookMs <= quickMs ? this.#quick + 1 : 0;
      for (const message of reply.problems) this.#owner.problem({ kind: "file", message });
      if (reply.rotated) this.#owner.rotated(this);
    }
    if (this.#steps.length === 0)
      for (const [service, lost] of this.#dropped) this.#tell(service, lost);
    if (this.#steps.length > 0) this.#send();
    this.#note();
    if (!this.#idle) return;
    this.#said = false;
    this.#paused.resumeAll();
    for (const flushed of this.#flushed.splice(0)) flushed();
  }

  /** Writes down from which number on lines are missing should we die now. */
  #note(): void {
    const lost = this.#state?.lost ?? [];
    const waits = this.#onTheWay.length + this.#steps.length + this.#dropped.size;
    if (lost.length + waits + this.#noted.size === 0) return;
    const now = new Map<string, readonly [from: number, cause: number]>();
    const see = (service: string, from: number, cause: number): void => {
      if (!now.has(service)) now.set(service, [from, cause]);
    };
    for (const [service, { first, cause }] of lost) see(service, first, cause);
    for (const { service, firstSeq } of this.#onTheWay) see(service, firstSeq, loss.died);
    for (const step of this.#steps)
      if (step.kind === "rows") see(step.rows.service, step.rows.firstSeq, loss.died);
      else if (step.kind === "lost") see(step.service, step.first, step.cause);
    for (const [service, { first, cause }] of this.#dropped) see(service, first, cause);
    for (const service of new Set([...this.#noted.keys(), ...now.keys()])) {
      const [from, cause] = now.get(service) ?? [0, 0];
      if (this.#noted.get(service) === from) continue;
      if (from === 0) this.#noted.delete(service);
      else this.#noted.set(service, from);
      this.#owner.lost(service, this, from, cause);
    }
  }

  #linesLeft(): number {
    const rows = [...this.#onTheWay, ...this.#steps.flatMap((step) => rowsOf(step))];
    const dropped = [...this.#dropped.values()].reduce((sum, { lines }) => sum + lines, 0);
    return rows.reduce((sum, { firstSeq, lastSeq }) => sum + lastSeq - firstSeq + 1, dropped);
  }

  #say(what: string): void {
    this.#owner.problem({ kind: "file", message: `cannot write log file "${this.path}": ${what}` });
  }
}

function rowsOf(step: FileStep): readonly NumberedRows[] {
  return step.kind === "rows" ? [step.rows] : [];
}
