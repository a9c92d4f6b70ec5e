import type { Fact } from "@supervise/process";
import { lookOf } from "../model/detail.js";
import type { Look } from "../model/detail.js";
import type { Model } from "../model/model.js";
import { selectedPid } from "../model/selection.js";
import { line } from "./lines.js";
import type { Line } from "./lines.js";

const WHY = {
  forbidden: "not to be seen without the right to trace it",
  ended: "it has ended",
  unsupported: "not told by this kernel",
} as const;

/** What the kernel told, or why it did not. */
export function factText<Value>(fact: Fact<Value>, text: (value: Value) => string): string {
  return fact.known ? text(fact.value) : WHY[fact.why];
}

/** Lines about one group of facts of the selected process, or the one line that says why there are none. */
export function factLines<Value>(
  model: Model,
  groupOf: (look: Look) => Fact<Value> | undefined,
  lines: (value: Value, look: Look) => readonly Line[],
): readonly Line[] {
  const pid = selectedPid(model);
  if (pid === null) return [line("it has no process", "dim")];
  const look = lookOf(model.detail, pid, model.tab);
  if (look === null) return [line("looking", "dim")];
  if (look === "gone") return [line("the process is gone, or not to be seen from here", "dim")];
  const fact = groupOf(look);
  if (fact === undefined) return [];
  return fact.known ? lines(fact.value, look) : [line(WHY[fact.why], "warning")];
}
