import { limitNames } from "@supervise/sys";
import { mapFact, valueOr } from "./fact.js";
import type { Fact } from "./fact.js";
import { countOpenFiles } from "./open-files.js";
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
  return mapFact(view.text("limits"), (text) => {
    const limits = parseLimits(text);
    return limits.length === 0
      ? undefined
      : limits.map((limit) => ({ ...limit, use: useOf(view, limit.name) }));
  });
}

/** Soft and hard limit of open files, for a table of many processes. */
export interface OpenFileFacts {
  readonly count: number;
  /** Null: unlimited. */
  readonly soft: number | null;
  readonly hard: number | null;
}

export function readOpenFiles(view: ProcessView): Fact<OpenFileFacts> {
  const count = countOpenFiles(view);
  if (!count.known) return count;
  return mapFact(view.text("limits"), (text) => {
    const limit = parseLimits(text).find(({ name }) => name === "nofile");
    return limit === undefined
      ? undefined
      : { count: count.value, soft: limit.soft, hard: limit.hard };
  });
}

/** The columns have fixed places, but the words in them hold blanks; two blanks part them. */
export function parseLimits(text: string): readonly Omit<LimitFacts, "use">[] {
  const found: Omit<LimitFacts, "use">[] = [];
  for (const line of text.split("\n")) {
    const match = /^Max (.+?) {2,}(\d+|unlimited) +(\d+|unlimited) *([a-z]*) *$/.exec(line);
    const name = NAMES[match?.[1] ?? ""];
    if (match === null || name === undefined || !limitNames.includes(name)) continue;
    const [, words = "", soft = "", hard = "", unit = ""] = match;
    const unitText = unit === "us" ? "µs" : unit;
    found.push({ name, text: words, soft: amount(soft), hard: amount(hard), unit: unitText });
  }
  return found;
}

function amount(text: string): number | null {
  return text === "unlimited" ? null : Number(text);
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
      return valueOr(countOpenFiles(view));
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
