import { COLUMN_IDS } from "./column-id.js";
import type { ColumnId } from "./column-id.js";
import type { Command } from "./bindings.js";
import type { Model, Step } from "./model.js";
import { say } from "./actions.js";
import { passes } from "./rows.js";
import { select, selectedName, selectIndex, settleTable, targetNames } from "./selection.js";

/** Commands about the rows of the table. */
export function runTableCommand(model: Model, command: Command): Step {
  const { table } = model;
  const name = selectedName(model);
  const set = (more: Partial<Model["table"]>): Model =>
    settleTable({ ...model, table: { ...table, ...more } });
  switch (command) {
    case "enter":
      return [{ ...model, focus: "detail" }, []];
    case "left":
      return [name === null ? model : fold(model, name), []];
    case "right":
      if (name === null) return [model, []];
      return [set({ unfolded: new Set([...table.unfolded, name]) }), []];
    case "unfoldAll":
      return [
        set({ unfolded: table.unfolded.size > 0 ? new Set() : new Set(model.services.keys()) }),
        [],
      ];
    case "mark": {
      if (name === null) return [model, []];
      const marked = new Set(table.marked);
      if (!marked.delete(name)) marked.add(name);
      return [selectIndex(set({ marked }), table.selectedIndex + 1), []];
    }
    case "markAll": {
      const passing = [...model.services.values()].filter((one) => passes(one, table.filter));
      return [set({ marked: new Set([...table.marked, ...passing.map((one) => one.name)]) }), []];
    }
    case "unmark":
      return [set({ marked: new Set() }), []];
    case "sortNext":
      return [sortBy(model, neighbour(table.sort, 1)), []];
    case "sortPrevious":
      return [sortBy(model, neighbour(table.sort, -1)), []];
    case "invert":
      return [set({ descending: !table.descending }), []];
    case "signal": {
      const names = targetNames(model);
      if (names.length === 0) return say(model, "there is no service to act on");
      return [{ ...model, overlay: { kind: "signals", names, index: 3, top: 0 } }, []];
    }
    default:
      return [model, []];
  }
}

/** By another column: what is a quantity begins with the greatest. The same once more turns the order round. */
export function sortBy(model: Model, sort: ColumnId): Model {
  const { table } = model;
  const descending =
    table.sort === sort
      ? !table.descending
      : ["descriptors", "cpu", "memory", "uptime", "restarts"].includes(sort);
  return settleTable({ ...model, table: { ...table, sort, descending } });
}

function neighbour(sort: ColumnId, by: number): ColumnId {
  const at = COLUMN_IDS.indexOf(sort) + by;
  return COLUMN_IDS[(at + COLUMN_IDS.length) % COLUMN_IDS.length] ?? "name";
}

/** Hides the processes of a service; the service's own row is selected then. */
function fold(model: Model, name: string): Model {
  const unfolded = new Set(model.table.unfolded);
  unfolded.delete(name);
  const folded = { ...model, table: { ...model.table, unfolded } };
  return select(folded, { kind: "service", name });
}
