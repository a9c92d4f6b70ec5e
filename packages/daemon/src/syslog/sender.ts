import { errnoNumber } from "@supervise/sys";
import type { Result } from "@supervise/sys";
import type { Transport, TransportEvents } from "./transport.js";

/** One message on its way. */
export interface Entry {
  readonly bytes: Uint8Array;
  /** The message as people read it, for the console. */
  readonly line: string;
}

export interface SenderClock {
  /** Monotonic, in milliseconds. */
  nowMs(): number;
  /** Calls once, after so long; returns its undo. `holds`: the event loop goes on until then. */
  after(delayMs: number, call: () => void, holds: boolean): () => void;
}

export interface SenderOptions {
  readonly connect: (events: TransportEvents) => Transport;
  readonly clock: SenderClock;
  /** How long a message may wait before it is given up. */
  readonly holdMs: number;
  /** How many bytes of messages may wait; what comes then is given up at once. */
  readonly holdBytes: number;
  /** A message was given up; null where only the transport knew it. */
  readonly onLost: (entry: Entry | null) => void;
  /** The message that says how many were lost and why the last of them was. */
  readonly report: (count: number, errno: Result) => Entry;
}

export interface SenderCounts {
  readonly sent: number;
  readonly waiting: number;
  readonly lost: number;
}

/** Sends in order, holds for a while what finds no room or no listener, and counts and reports what it had to give up. It never waits. */
export interface Sender {
  open(): Result;
  send(entry: Entry): void;
  counts(): SenderCounts;
  /** Resolves with true when nothing waits any more, all being sent or given up, and with false after `withinMs`. Never rejects. */
  flush(withinMs: number): Promise<boolean>;
  /** Tries once more, then closes; what has to wait for room is waited for, up to its time. */
  close(): void;
}

/** Waits between two tries to find a listener: doubled from the first to the last. */
const firstRetryMs = 50;
const lastRetryMs = 1000;

const noBuffer = errnoNumber("ENOBUFS") as Result;

type Pending = Entry & { readonly deadlineMs: number; readonly reports: number };

export function createSender(options: SenderOptions): Sender {
  const { clock } = options;
  const transport = options.connect({
    onReady: () => flow(),
    onLost: (errno) => {
      lose(null, errno);
      flow();
    },
  });
  const queue: Pending[] = [];
  const flushers = new Set<(done: boolean) => void>();
  let queuedBytes = 0;
  /** What is being sent: it is sent again until its fate is known, for a part of it may be on its way. */
  let current: Pending | null = null;
  let sent = 0;
  let lost = 0;
  /** Of the lost ones, how many no report has told yet. */
  let untold = 0;
  let lastErrno: Result = 0;
  let retryMs = firstRetryMs;
  let closing = false;
  let cancelTimer: (() => void) | null = null;

  function lose(entry: Entry | null, errno: Result): void {
    lost += 1;
    untold += 1;
    lastErrno = errno;
    options.onLost(entry);
  }

  function dequeue(): Pending | null {
    const pending = queue.shift() ?? null;
    queuedBytes -= pending?.bytes.length ?? 0;
    return pending;
  }

  /** A report goes before the messages that came after what was lost, and may not outlast the first of them. */
  function reportLoss(): Pending {
    const deadlineMs = queue[0]?.deadlineMs ?? clock.nowMs() + options.holdMs;
    const report = { ...options.report(untold, lastErrno), reports: untold, deadlineMs };
    untold = 0;
    return report;
  }

  /** Sends until nothing is left or something has to be waited for. */
  function flow(): void {
    cancelTimer?.();
    cancelTimer = null;
    let justSent = false;
    let mayReport = true;
    for (;;) {
      if (current === null) {
        const reports = untold > 0 && mayReport && (justSent || queue.length > 0);
        current = reports ? reportLoss() : dequeue();
      }
      if (current === null) return idle();
      const outcome = transport.send(current.bytes);
      justSent = outcome.kind === "sent";
      if (outcome.kind === "sent") {
        if (current.reports === 0) sent += 1;
        retryMs = firstRetryMs;
        mayReport = true;
      } else {
        const hopeless = outcome.kind === "refused" || (closing && outcome.kind === "gone");
        const inTime = current.deadlineMs > clock.nowMs();
        // A report is tried once where nobody listens: what it was to tell will be in the next.
        if (outcome.kind === "full" && inTime) return wait(current, "full");
        if (outcome.kind === "gone" && inTime && !hopeless && current.reports === 0)
          return wait(current, "gone");
        giveUp(current, outcome.kind === "full" ? noBuffer : outcome.errno);
        mayReport = false;
      }
      current = null;
    }
  }

  function giveUp(pending: Pending, errno: Result): void {
    if (pending.reports > 0) untold += pending.reports;
    else lose(pending, errno);
  }

  function wait(pending: Pending, why: "full" | "gone"): void {
    const leftMs = Math.max(1, pending.deadlineMs - clock.nowMs());
    const delayMs = why === "full" ? leftMs : Math.min(leftMs, retryMs);
    if (why === "gone") retryMs = Math.min(retryMs * 2, lastRetryMs);
    // Where nobody listens the process need not live longer for it; where somebody is slow, the last words are worth it.
    cancelTimer = clock.after(delayMs, flow, why === "full");
  }

  function idle(): void {
    transport.rest();
    for (const settle of flushers) settle(true);
    if (closing) transport.close();
  }

  return {
    open: () => transport.open(),
    send(entry) {
      if (current !== null && queuedBytes + entry.bytes.length > options.holdBytes) {
        lose(entry, noBuffer);
        return;
      }
      closing = false;
      queue.push({ ...entry, reports: 0, deadlineMs: clock.nowMs() + options.holdMs });
      queuedBytes += entry.bytes.length;
      if (current === null) flow();
    },
    counts: () => ({ sent, lost, waiting: queue.length + (current?.reports === 0 ? 1 : 0) }),
    flush(withinMs) {
      if (current === null) return Promise.resolve(true);
      return new Promise((resolve) => {
        const settle = (done: boolean): void => {
          disarm();
          flushers.delete(settle);
          resolve(done);
        };
        const disarm = clock.after(withinMs, () => settle(false), true);
        flushers.add(settle);
        flow();
      });
    },
    close() {
      closing = true;
      flow();
    },
  };
}
