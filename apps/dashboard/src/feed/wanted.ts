import { placeColumns } from "../model/column-layout.js";
import type { Model, Tab } from "../model/model.js";
import { layoutOf } from "../model/layout.js";
import { MEASURED, tableRows } from "../model/rows.js";
import { selectedName, selectedPid } from "../model/selection.js";

/** What must be known for what is on the screen now; nothing else is asked for. */
export interface Wanted {
  /** Services whose rows are visible. */
  readonly services: readonly string[];
  /** The order of the rows is by a measured value, so that the others must be measured too. */
  readonly ordered: boolean;
  /** Visible processes besides the main ones. */
  readonly pids: readonly number[];
  readonly selected: string | null;
  readonly selectedPid: number | null;
  /** What is open for the selected process. */
  readonly tab: Tab;
  /** Listening ports are on the screen. */
  readonly ports: boolean;
  /** Whose log is followed; null: no log is shown. Empty: those of all. */
  readonly logs: readonly string[] | null;
}

/** Derived from the model alone. */
export function wantedOf(model: Model): Wanted {
  const rows = tableRows(model);
  const { top, sort } = model.table;
  const height = layoutOf(model).tableRows.height;
  const visible = rows.slice(top, top + height);
  const name = selectedName(model);
  const names = new Set(visible.map(({ status }) => status.name));
  if (name !== null) names.add(name);
  const pids = visible.flatMap((row) => (row.kind === "process" ? [row.process.pid] : []));
  const pid = selectedPid(model);
  return {
    services: [...names],
    ordered: MEASURED.has(sort),
    pids: pid === null || pids.includes(pid) ? pids : [...pids, pid],
    selected: name,
    selectedPid: pid,
    tab: model.tab,
    ports: placeColumns(model).some(({ column }) => column.id === "ports"),
    logs: logNames(model, name),
  };
}

function logNames(model: Model, selected: string | null): readonly string[] | null {
  if (model.tab === "history") return selected === null ? null : [selected];
  if (model.tab !== "logs") return null;
  const chosen = model.logs.merged
    ? [...model.table.marked]
    : selected === null
      ? null
      : [selected];
  const { newer, names } = model.logs;
  // A part of the files is on the screen, that nothing is added to.
  const detached = newer !== "live" && JSON.stringify(chosen) === JSON.stringify(names);
  return detached ? null : chosen;
}
