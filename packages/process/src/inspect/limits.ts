import { mapFact, valueOr } from "./fact.js";
import type { Fact } from "./fact.js";
import { bytesField, numbersField } from "./status-fields.js";
import type { ProcessView } from "./view.js";

/** One limit of getrlimit(2) and how much of it is used. */
export interface LimitFacts {
  /** As in the configuration's `ulimits`: "nofile". */
  readonly name: string;
  /** As the kernel says it: "open files". */
  readonly text: string;
  /** Null: unlimited. */
  readonly soft: number | null;
  readonly hard: number | null;
  /** "bytes", "seconds", "processes" ...; empty for priorities. */
  readonly unit: string;
  /** In the same unit; null where nothing is counted against it, where the count is not asked for or not ours to see. */
  readonly use: number | null;
}

/** Text of /proc/PID/limits, behind "Max ", for each name. */
const NAMES: Readonly<Record<string, string>> = {
  "cpu time": "cpu",
  "file size": "fsize",
  "data size": "data",
  "stack size": "stack",
  "core file size": "core",
  "resident set": "rss",
  processes: "nproc",
  "open files": "nofile",
  "locked memory": "memlock",
  "address space": "as",
  "file locks": "locks",
  "pending signals": "sigpending",
  "msgqueue size": "msgqueue",
  "nice priority": "nice",
  "realtime priority": "rtprio",
  "realtime timeout": "rttime",
};

export function readLimits(view: ProcessView): Fact<readonly LimitFacts[]> {
  return mapFact(view.limits(), (text) => {
    const limits = parseLimits(text);
    return limits.length === 0
      ? undefined
      : limits.map((limit) => ({ ...limit, use: useOf(view, limit.name) }));
  });
}

/** Soft and hard limit of open files, for a table of many processes. */
export interface OpenFileFacts {
  /** Numbers that are taken; a call that waits for a connection has reserved one where nothing is open yet. */
  readonly count: number;
  /** Null: unlimited. */
  readonly soft: number | null;
  readonly hard: number | null;
}

export function readOpenFiles(view: ProcessView): Fact<OpenFileFacts> {
  const count = view.openFiles();
  if (!count.known) return count;
  return mapFact(view.limits(), (text) => {
    const [limit] = parseLimits(/^Max open files.*/m.exec(text)?.[0] ?? "");
    return limit === undefined
      ? undefined
      : { count: count.value, soft: limit.soft, hard: limit.hard };
  });
}

/** Columns of "%-25s %-20s %-20s %-10s" (fs/proc/base.c). */
const SOFT_AT = 26;
const HARD_AT = 47;
const UNIT_AT = 68;

/** Text of /proc/PID/limits. */
export function parseLimits(text: string): readonly Omit<LimitFacts, "use">[] {
  const found: Omit<LimitFacts, "use">[] = [];
  for (const line of text.split("\n")) {
    const words = line.slice("Max ".length, SOFT_AT).trim();
    const name = NAMES[words];
    const soft = amount(line.slice(SOFT_AT, HARD_AT).trim());
    const hard = amount(line.slice(HARD_AT, UNIT_AT).trim());
    if (name === undefined || soft === undefined || hard === undefined) continue;
    const unit = line.slice(UNIT_AT).trim();
    found.push({ name, text: words, soft, hard, unit: unit === "us" ? "µs" : unit });
  }
  return found;
}

/** Null: unlimited. Undefined: no amount. */
function amount(text: string): number | null | undefined {
  if (text === "unlimited") return null;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

const TICKS_PER_SECOND = 100;

function useOf(view: ProcessView, name: string): number | null {
  const fields = valueOr(view.status()) ?? new Map<string, string>();
  switch (name) {
    case "cpu":
      return (view.field(14) + view.field(15)) / TICKS_PER_SECOND;
    case "data":
      return bytesField(fields, "VmData");
    case "stack":
      return bytesField(fields, "VmStk");
    case "rss":
      return bytesField(fields, "VmRSS");
    case "as":
      return bytesField(fields, "VmSize");
    case "memlock":
      return bytesField(fields, "VmLck");
    case "nofile":
      return valueOr(view.openFiles());
    case "nproc":
      return view.look.threadsOf(numbersField(fields, "Uid")[0] ?? -1);
    case "sigpending":
      return numbersField(fields, "SigQ")[0] ?? null;
    case "rtprio":
      return numberOrNull(view.field(40));
    default:
      return null;
  }
}

function numberOrNull(number: number): number | null {
  return Number.isNaN(number) ? null : number;
}
