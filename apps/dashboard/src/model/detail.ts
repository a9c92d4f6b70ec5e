import type { FactGroup, Inspected, ProcessFacts, ProcessSnapshot } from "@supervise/process";
import type { Tab } from "./model.js";

/** What a tab needs of /proc; nothing else is read. */
export const GROUPS_OF_TAB: Readonly<Record<Tab, readonly FactGroup[]>> = {
  overview: [
    "program",
    "credentials",
    "capabilities",
    "memory",
    "cpu",
    "io",
    "cgroup",
    "namespaces",
    "waitChannel",
  ],
  descriptors: ["descriptors", "openFiles"],
  signals: ["signals"],
  limits: ["limits"],
  environment: ["environment"],
  usage: ["memory", "sharedMemory", "cpu", "io", "threads"],
  history: [],
  logs: [],
  dependencies: [],
};

/** One look at the selected process: what was asked for is there. */
export type Look = ProcessSnapshot<never> & Partial<ProcessFacts>;

/** What was asked about the selected process, and of which one the answer is. */
export interface Detail {
  /** The service. Null: nothing was answered yet. */
  readonly name: string | null;
  /** Sentences of `why`. */
  readonly why: readonly string[];
  /** What its runs are given, by the configuration. */
  readonly configured: {
    readonly environment: Readonly<Record<string, string>>;
    readonly inheritEnvironment: boolean;
    /** Where the configuration sets a variable, by its name, as far as it can be told. */
    readonly places?: ReadonlyMap<string, string>;
  } | null;
  /** The last look, of the process and for the tab that were asked about; null: none yet. */
  readonly inspected: {
    readonly pid: number;
    readonly tab: Tab;
    readonly result: Inspected;
  } | null;
}

/** The look at the selected process, as far as it is for the open tab. */
export function lookOf(detail: Detail, pid: number | null, tab: Tab): Look | "gone" | null {
  const { inspected } = detail;
  if (inspected === null || inspected.pid !== pid || inspected.tab !== tab) return null;
  return inspected.result.outcome === "gone" ? "gone" : inspected.result.process;
}
