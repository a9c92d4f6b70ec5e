import { layoutOf } from "./layout.js";
import type { Model, RowKey, TableModel } from "./model.js";
import { sameKey, tableRows } from "./rows.js";
import type { TableRow } from "./rows.js";

/** The table with a row selected that is there, and in view; what was selected and has gone gives way to what stands in its place. */
export function settleTable(model: Model, rows: readonly TableRow[] = tableRows(model)): Model {
  const { table } = model;
  const height = layoutOf(model).tableRows.height;
  let index = rows.findIndex(({ key }) => sameKey(key, table.selected));
  if (index < 0) index = Math.min(table.selectedIndex, rows.length - 1);
  const row = rows[index];
  const next = settleTop(
    { ...table, selected: row?.key ?? null, selectedIndex: Math.max(0, index) },
    rows.length,
    height,
  );
  return sameTable(next, table) ? model : { ...model, table: next };
}

/** The scroll position that shows the selected row and leaves no empty rows below the last. */
function settleTop(table: TableModel, rows: number, height: number): TableModel {
  if (height <= 0) return table;
  const lowest = Math.max(0, Math.min(table.top, rows - height));
  const top = Math.min(Math.max(lowest, table.selectedIndex - height + 1), table.selectedIndex);
  return { ...table, top: Math.max(0, top) };
}

function sameTable(one: TableModel, other: TableModel): boolean {
  return (
    sameKey(one.selected, other.selected) &&
    one.selectedIndex === other.selectedIndex &&
    one.top === other.top
  );
}

/** Selects by place; beyond an end it is the row there. */
export function selectIndex(model: Model, index: number): Model {
  const rows = tableRows(model);
  const at = Math.max(0, Math.min(rows.length - 1, index));
  return select(model, rows[at]?.key ?? null, rows);
}

export function select(
  model: Model,
  key: RowKey | null,
  rows: readonly TableRow[] = tableRows(model),
): Model {
  const moved = settleTable({ ...model, table: { ...model.table, selected: key } }, rows);
  return sameKey(model.table.selected, moved.table.selected) ? moved : { ...moved, scroll: 0 };
}

/** Which service an action is about; null: the table is empty. */
export function selectedName(model: Model): string | null {
  return model.table.selected?.name ?? null;
}

/** The selected process: that of the row, else the main process of the service; null: there is none. */
export function selectedPid(model: Model): number | null {
  const { selected } = model.table;
  if (selected === null) return null;
  return selected.kind === "process"
    ? selected.pid
    : (model.services.get(selected.name)?.pid ?? null);
}

/** What an action takes: all that are marked, else the selected one. */
export function targetNames(model: Model): readonly string[] {
  const { marked } = model.table;
  if (marked.size > 0) return [...model.services.keys()].filter((name) => marked.has(name));
  const name = selectedName(model);
  return name === null ? [] : [name];
}
