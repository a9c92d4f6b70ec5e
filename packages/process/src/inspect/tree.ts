import { parseStat } from "../stat.js";
import type { FactGroup, ProcessSnapshot } from "./facts.js";
import { inspectProcesses } from "./inspect.js";
import type { InspectOptions } from "./inspect.js";
import { pidsOf } from "./source.js";
import type { InspectSource } from "./source.js";
import { numberField, parseStatusFields } from "./status-fields.js";

export interface TreeMember<Group extends FactGroup = FactGroup> {
  /** 0 for the root, 1 for its children ... */
  readonly depth: number;
  readonly process: ProcessSnapshot<Group>;
}

export interface InspectedTree<Group extends FactGroup = FactGroup> {
  /** Each process before its children, siblings in order of their numbers. Empty: the root is gone. */
  readonly members: readonly TreeMember<Group>[];
  /** Those that were there when the tree was looked up, and ended while it was read. */
  readonly gone: readonly number[];
}

const STAT_BYTES = 4096;

/**
 * A process and its descendants, by ancestry: one look at the parent of every process, then the snapshots. What is started meanwhile is missing; what an
 * ended process leaves behind belongs to whoever adopted it.
 */
export function inspectTree<Group extends FactGroup>(
  source: InspectSource,
  root: number,
  options: InspectOptions<Group>,
): InspectedTree<Group> {
  const ranks = ranksBelow(root, childrenByParent(source));
  const inspected = inspectProcesses(
    source,
    ranks.map(({ pid }) => pid),
    options,
  );
  const members: TreeMember<Group>[] = [];
  const gone: number[] = [];
  inspected.forEach((one, index) => {
    if (one.outcome === "gone") gone.push(one.pid);
    else members.push({ depth: ranks[index]?.depth ?? 0, process: one.process });
  });
  return { members, gone };
}

function childrenByParent(source: InspectSource): ReadonlyMap<number, readonly number[]> {
  const children = new Map<number, number[]>();
  for (const pid of pidsOf(source)) {
    const text = source.text(`${pid}/stat`, STAT_BYTES);
    const stat = typeof text === "number" ? null : parseStat(text);
    if (stat === null) continue;
    const siblings = children.get(stat.ppid);
    if (siblings === undefined) children.set(stat.ppid, [pid]);
    else siblings.push(pid);
  }
  return children;
}

/** Without recursion, for a chain of processes may be long; and each process once, whatever the reuse of numbers made of the table. */
function ranksBelow(
  root: number,
  children: ReadonlyMap<number, readonly number[]>,
): readonly { readonly pid: number; readonly depth: number }[] {
  const ranks: { readonly pid: number; readonly depth: number }[] = [];
  const seen = new Set<number>();
  const waiting = [{ pid: root, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next.pid)) continue;
    seen.add(next.pid);
    ranks.push(next);
    const below = [...(children.get(next.pid) ?? [])].sort((one, other) => other - one);
    for (const pid of below) waiting.push({ pid, depth: next.depth + 1 });
  }
  return ranks;
}

/** Puts processes in the order of their tree, by the parents that they name; one whose parent is not among them stands at the top. */
export function sortAsTree(
  processes: readonly { readonly pid: number; readonly ppid: number }[],
): readonly { readonly pid: number; readonly depth: number }[] {
  const present = new Set(processes.map(({ pid }) => pid));
  const children = new Map<number, number[]>();
  for (const { pid, ppid } of processes) {
    const siblings = children.get(ppid);
    if (siblings === undefined) children.set(ppid, [pid]);
    else siblings.push(pid);
  }
  return processes
    .filter(({ ppid }) => !present.has(ppid))
    .map(({ pid }) => pid)
    .toSorted((one, other) => one - other)
    .flatMap((root) => ranksBelow(root, children));
}

/** Number of the process that a number of /proc belongs to: another one for a mere thread. Null: gone. */
export function threadGroupOf(source: InspectSource, pid: number): number | null {
  const text = source.text(`${pid}/status`);
  return typeof text === "number" ? null : numberField(parseStatusFields(text), "Tgid");
}
