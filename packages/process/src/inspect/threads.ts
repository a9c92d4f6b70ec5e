import { printable } from "../command-line.js";
import { parseStat } from "../stat.js";
import { known, mapFact } from "./fact.js";
import type { Fact } from "./fact.js";
import type { ProcessView } from "./view.js";

/** One thread; the first has the number of the process. */
export interface ThreadFacts {
  readonly tid: number;
  readonly name: string;
  readonly state: string;
  readonly userMs: number;
  readonly systemMs: number;
  /** The processor it ran on last. */
  readonly lastCpu: number;
}

const TICK_MS = 10;
const STAT_BYTES = 4096;

/** A thread that ends meanwhile is left out. */
export function readThreads(view: ProcessView): Fact<readonly ThreadFacts[]> {
  const names = view.names("task");
  if (!names.known) return names;
  const threads: ThreadFacts[] = [];
  for (const tid of names.value) {
    const text = view.source.text(`${view.pid}/task/${tid}/stat`, STAT_BYTES);
    const stat = typeof text === "number" ? null : parseStat(text);
    if (typeof text === "number" || stat === null) continue;
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    threads.push({
      tid: stat.pid,
      name: printable(Buffer.from(stat.comm, "latin1")),
      state: stat.state,
      userMs: Number(fields[14 - 3]) * TICK_MS,
      systemMs: Number(fields[15 - 3]) * TICK_MS,
      lastCpu: Number(fields[39 - 3]),
    });
  }
  return known(threads);
}

/** Function of the kernel that the main thread waits in. The value is null while it runs, and where the kernel hides it (it is shown to who may trace the process). */
export function readWaitChannel(view: ProcessView): Fact<string | null> {
  return mapFact(view.text("wchan"), (text) => (text === "0" || text === "" ? null : text));
}
