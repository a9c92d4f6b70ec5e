import type { EventEntry, ServiceMachine } from "@supervise/model";
import { readDepositedFile } from "@supervise/process";
import type { Kernel } from "@supervise/sys";

/** A run whose tree is not gone. */
export interface KeptRun {
  readonly run: number;
  readonly invocationId: string;
  /** Where its process has noted its birth, see `Births`; -1: nowhere. */
  readonly birthPlace: number;
  /** 0: not spawned yet, as far as the supervisor knew. */
  readonly session: number;
  readonly otherSessions: readonly number[];
  /** 0: none is known. */
  readonly mainPid: number;
  readonly mainEnded: boolean;
  /** See `LiveRun.child`. */
  readonly child: boolean;
  readonly startedAtMs: number;
  /** Inodes. */
  readonly pipes: readonly number[];
  /** What is deposited as its output is a terminal, see `openRunTerminal`. */
  readonly tty?: true;
}

/** All that the next supervisor has to know of a service. */
export interface KeptService {
  readonly name: string;
  /** Undefined: it has left the configuration. Checked by `restorableMachine`, not here. */
  readonly machine?: ServiceMachine | undefined;
  /** Null: nothing of it runs. */
  readonly run: KeptRun | null;
  /** Number of the last event so far. */
  readonly seq: number;
}

/**
 * What is kept of each service, in a file in memory that outlives us in the keeper's hands: one line for each change, the last one of a service
 * counts. One write(2) for all that changed together, so that nothing is half told.
 */
export interface Journal {
  /** Once, before anything else: the file is made with this in it, and deposited whole. Until then the one of the supervisor before is the keeper's. */
  begin(services: Iterable<KeptService>): void;
  append(services: readonly KeptService[], events: readonly EventEntry[]): void;
  close(): void;
}

/** All that a journal holds. */
export interface JournalContents {
  /** By name. */
  readonly services: ReadonlyMap<string, KeptService>;
  /** In order; some may be older than what is kept of them elsewhere. */
  readonly events: readonly EventEntry[];
}

/** Below this it is never rewritten, in bytes. */
const SMALL_BYTES = 256 * 1024;
/** Begins the line of an event; no line of a service begins so. */
const EVENT = "!";
/** Rewritten when it is so many times as large as its services were after the last time, and so many times its events. */
const GROWTH = 8;
const EVENT_GROWTH = 2;

/**
 * `deposit` hands the file to the keeper, at first and whenever it was rewritten; the descriptor stays the journal's. `recent`: the events that a rewritten
 * one has.
 */
export function createJournal(
  kernel: Pick<Kernel, "memoryFile" | "write" | "close">,
  deposit: (fd: number) => void,
  recent: () => readonly EventEntry[],
): Journal {
  const live = new Map<string, string>();
  let fd = -1;
  let size = 0;
  let limit = SMALL_BYTES;

  const write = (text: string): void => {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length;) {
      const written = kernel.write(fd, bytes, at, bytes.length - at);
      // No memory is left for it: what is kept stays older than the truth, which the next supervisor finds out.
      if (written <= 0) return;
      at += written;
    }
    size += bytes.length;
  };
  const rewrite = (): void => {
    const next = kernel.memoryFile("supervise-records");
    if (next < 0) return;
    if (fd >= 0) kernel.close(fd);
    fd = next;
    size = 0;
    write([...live.values()].join(""));
    const services = size;
    write(recent().map(eventLine).join(""));
    limit = Math.max(SMALL_BYTES, services * GROWTH + (size - services) * EVENT_GROWTH);
    deposit(fd);
  };

  return {
    begin: (services) => {
      for (const service of services) live.set(service.name, `${JSON.stringify(service)}\n`);
      rewrite();
    },
    append: (services, events) => {
      let text = "";
      for (const service of services) {
        const line = `${JSON.stringify(service)}\n`;
        text += line;
        if (service.machine === undefined) live.delete(service.name);
        else live.set(service.name, line);
      }
      for (const event of events) text += eventLine(event);
      write(text);
      if (size > limit) rewrite();
    },
    close: () => {
      if (fd >= 0) kernel.close(fd);
    },
  };
}

function eventLine(event: EventEntry): string {
  return `${EVENT}${JSON.stringify(event)}\n`;
}

/** What the journal of the supervisor before holds. A torn or odd line is skipped: the one before it of that service counts. */
export function readJournal(fd: number): JournalContents {
  const kept = new Map<string, KeptService>();
  const events: EventEntry[] = [];
  for (const line of readDepositedFile(fd).toString().split("\n")) {
    if (line.startsWith(EVENT)) {
      const event = parseEvent(line.slice(EVENT.length), events.at(-1)?.seq ?? 0);
      if (event !== null) events.push(event);
      continue;
    }
    const service = parseLine(line);
    if (service === null) continue;
    if (service.machine === undefined) kept.delete(service.name);
    else kept.set(service.name, service);
  }
  return { services: kept, events };
}

function parseEvent(text: string, after: number): EventEntry | null {
  try {
    const value = JSON.parse(text) as Partial<EventEntry> | null;
    if (typeof value !== "object" || value === null) return null;
    const { seq, time, kind, message } = value;
    const whole = Number.isSafeInteger(seq) && (seq ?? 0) > after;
    const worded = [time, kind, message].every((word) => typeof word === "string");
    return whole && worded ? (value as EventEntry) : null;
  } catch {
    // Torn by a death in the middle of it.
    return null;
  }
}

function parseLine(line: string): KeptService | null {
  try {
    const value = JSON.parse(line) as KeptService | null;
    if (typeof value !== "object" || value === null) return null;
    if (typeof value.name !== "string" || !Number.isSafeInteger(value.seq)) return null;
    return value.run === null || isRun(value.run) ? value : null;
  } catch {
    // An empty or torn line.
    return null;
  }
}

function isRun(run: Partial<KeptRun> | undefined): boolean {
  return (
    typeof run === "object" &&
    [run.run, run.birthPlace, run.session, run.mainPid].every(Number.isSafeInteger) &&
    typeof run.invocationId === "string" &&
    typeof run.startedAtMs === "number" &&
    typeof run.mainEnded === "boolean" &&
    typeof run.child === "boolean" &&
    Array.isArray(run.pipes) &&
    Array.isArray(run.otherSessions)
  );
}
