import { existsSync, rmSync, writeFileSync } from "node:fs";

/** How a supervisor can end. "overflow" is RangeError, or SIGSEGV where Node was told of a larger stack than there is; "loop" and "stopped" are hangs. */
export const WAYS = [
  "kill",
  "exception",
  "rejection",
  "abort",
  "heap",
  "segv",
  "overflow",
  "loop",
  "stopped",
] as const;
export type Way = (typeof WAYS)[number];

/** What is going on when it dies: "begin" is the very first start, "adoption" another death right after one, "end" the stop of everything. */
export const MOMENTS = [
  "begin",
  "run",
  "start",
  "stop",
  "restart",
  "reload",
  "upgrade",
  "adoption",
  "end",
] as const;
export type Moment = (typeof MOMENTS)[number];

/** What programs/mortal-supervisor.cts carries out. */
export interface Order {
  readonly way: Way;
  readonly from: "start" | "ready" | "asked";
  /** Calls that pass before it dies; each counts twice, before and after it. */
  readonly calls: number;
  /** Only calls with this in their name count. */
  readonly only: string;
}

/** From 0 up to 1; the same for the same seed (mulberry32). */
export type Random = () => number;

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

/** Places where the state of things is half told: to the keeper, to the journal, to a file, to the kernel; and anywhere. */
const PLACES = [
  { only: "", most: 400 },
  { only: "", most: 60 },
  { only: "send", most: 30 },
  { only: "pawn", most: 6 },
  { only: "write", most: 60 },
  { only: "read", most: 80 },
  { only: "rename", most: 4 },
] as const;

export function drawOrder(random: Random, way: Way, from: Order["from"]): Order {
  const { only, most } = pick(random, PLACES);
  return { way, from, calls: Math.floor(random() * random() * most), only };
}

export interface PlannedDeath {
  readonly way: Way;
  readonly moment: Moment;
  /** Where, if that is not left to chance. */
  readonly place?: Pick<Order, "calls" | "only">;
}

/** The file that the supervisor takes its orders from. */
export class Orders {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  give(...orders: readonly Order[]): void {
    rmSync(`${this.file}.armed`, { force: true });
    writeFileSync(this.file, JSON.stringify(orders));
  }

  get armed(): boolean {
    return existsSync(`${this.file}.armed`);
  }
}
