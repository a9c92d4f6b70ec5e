import { healthWord, type ProcessRow, type ServiceStatus } from "@supervise/model";
import type { ColumnId } from "./column-id.js";
import { compareIn } from "./columns.js";
import type { Model, RowKey } from "./model.js";

/** A row of the table. */
export type TableRow =
  | {
      readonly kind: "service";
      readonly key: RowKey;
      readonly status: ServiceStatus;
      /** Its main process, where that was looked at. */
      readonly main: ProcessRow | null;
      readonly fold: "folded" | "unfolded" | "leaf";
    }
  | {
      readonly kind: "process";
      readonly key: RowKey;
      readonly status: ServiceStatus;
      readonly process: ProcessRow;
      /** Generations below the main process. */
      readonly depth: number;
      readonly last: boolean;
    };

/** What the rows depend on: as long as all of it is the same, so are they. */
type Ground = readonly unknown[];

let kept: { readonly ground: Ground; readonly rows: readonly TableRow[] } | null = null;

/**
 * Every row that the filter leaves, in order; processes stand below their service where it is unfolded. The last answer is kept: a key asks for it several
 * times, and a thousand services are put in order for some milliseconds.
 */
export function tableRows(model: Model): readonly TableRow[] {
  const { services, processes, samples, nowMs, table } = model;
  const { sort, descending, filter, unfolded } = table;
  const measured = MEASURED.has(sort) ? samples : null;
  const ground = [services, processes, measured, sort, descending, filter, unfolded];
  const now = [...ground, sort === "uptime" ? nowMs : 0];
  if (kept !== null && now.every((one, index) => one === kept?.ground[index])) return kept.rows;
  const found = [...services.values()].filter((status) => passes(status, filter));
  const order = compareIn(model, sort, descending);
  const rows = found.sort(order).flatMap((status) => rowsOf(model, status));
  kept = { ground: now, rows };
  return rows;
}

/** Columns whose values are known only of services that were looked at. */
export const MEASURED: ReadonlySet<ColumnId> = new Set<ColumnId>([
  "descriptors",
  "cpu",
  "memory",
  "ports",
  "ppid",
  "pgid",
  "sid",
  "tty",
]);

/** The filter is looked for in name, state, reason and number; each of its words must be there. Case counts where it has a capital. */
export function passes(status: ServiceStatus, filter: string): boolean {
  if (filter === "") return true;
  const text = `${status.name} ${status.state} ${healthWord(status) ?? ""} ${status.pid ?? ""} ${status.reason}`;
  return filter
    .split(" ")
    .every((word) => (hasCapital(word) ? text : text.toLowerCase()).includes(word));
}

/** As in less -i: a pattern without capitals finds both. */
export function hasCapital(text: string): boolean {
  return text !== text.toLowerCase();
}

export function sameKey(one: RowKey | null, other: RowKey | null): boolean {
  if (one === null || other === null) return one === other;
  if (one.kind !== other.kind || one.name !== other.name) return false;
  return one.kind === "service" || (other.kind === "process" && one.pid === other.pid);
}

function rowsOf(model: Model, status: ServiceStatus): readonly TableRow[] {
  const { name } = status;
  const processes = model.processes.get(name) ?? [];
  const unfolded = model.table.unfolded.has(name);
  const service: TableRow = {
    kind: "service",
    key: { kind: "service", name },
    status,
    main: processes.find((process) => process.main) ?? null,
    fold: status.pid === null && processes.length === 0 ? "leaf" : unfolded ? "unfolded" : "folded",
  };
  if (!unfolded) return [service];
  return [
    service,
    ...treeOf(processes).map(({ process, depth, last }): TableRow => ({
      kind: "process",
      key: { kind: "process", name, pid: process.pid },
      status,
      process,
      depth,
      last,
    })),
  ];
}

interface Branch {
  readonly process: ProcessRow;
  readonly depth: number;
  readonly last: boolean;
}

/** Children behind their parents. One whose parent is not of the service stands at the top. */
export function treeOf(processes: readonly ProcessRow[]): readonly Branch[] {
  const known = new Set(processes.map(({ pid }) => pid));
  const below = new Map<number, ProcessRow[]>();
  for (const process of processes) {
    // A process that names itself its parent would have no end.
    const parent = known.has(process.ppid) && process.ppid !== process.pid ? process.ppid : 0;
    const siblings = below.get(parent);
    if (siblings === undefined) below.set(parent, [process]);
    else siblings.push(process);
  }
  const found: Branch[] = [];
  const seen = new Set<number>();
  const visit = (parent: number, depth: number): void => {
    const children = below.get(parent) ?? [];
    for (const [index, process] of children.entries()) {
      if (seen.has(process.pid)) continue;
      seen.add(process.pid);
      found.push({ process, depth, last: index === children.length - 1 });
      visit(process.pid, depth + 1);
    }
  };
  visit(0, 0);
  return found;
}
