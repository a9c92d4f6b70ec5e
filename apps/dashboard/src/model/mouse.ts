import { columnAt } from "./column-layout.js";
import { move, openTab, updateKey } from "./keys.js";
import { layoutOf } from "./layout.js";
import type { MouseEvent } from "./message.js";
import type { Model, Step } from "./model.js";
import { holds, overlayMouse, WHEEL_ROWS } from "./overlay-mouse.js";
import { tableRows } from "./rows.js";
import { select } from "./selection.js";
import { tabAt } from "./tab-layout.js";
import { sortBy } from "./table-commands.js";

/** What the mouse does: to what lies over the panes, else to them. */
export function updateMouse(model: Model, event: MouseEvent): Step {
  const panes = (below: Model): Step => panesMouse(below, event);
  if (model.overlay === null) return panes(model);
  return overlayMouse(model, model.overlay, event, { key: updateKey, panes });
}

/** A click chooses a row, a heading or a tab, and the pane; a click on the arrow before a service shows its processes; the wheel scrolls what is under it. */
function panesMouse(model: Model, { kind, x, y }: MouseEvent): Step {
  const layout = layoutOf(model);
  const pane = holds(layout.table, x, y)
    ? "table"
    : holds(layout.detail, x, y) || holds(layout.tabs, x, y)
      ? "detail"
      : null;
  if (pane === null) return [model, []];
  const there: Model = { ...model, focus: pane };
  if (kind !== "press") {
    const [moved, effects] = move(there, kind === "wheelUp" ? -WHEEL_ROWS : WHEEL_ROWS);
    return [{ ...moved, focus: model.zoomed ? pane : model.focus }, effects];
  }
  if (pane === "detail") {
    const tab = holds(layout.tabs, x, y) ? tabAt(model, x - layout.tabs.x) : null;
    return [tab === null ? there : openTab(there, tab), []];
  }
  if (y === layout.table.y) {
    const column = columnAt(there, x - layout.table.x);
    return [column === null ? there : sortBy(there, column), []];
  }
  const rows = tableRows(there);
  const row = rows[there.table.top + y - layout.tableRows.y];
  if (row === undefined) return [there, []];
  const chosen = select(there, row.key, rows);
  if (row.kind !== "service" || row.fold === "leaf" || x - layout.table.x > 2) return [chosen, []];
  const unfolded = new Set(chosen.table.unfolded);
  if (!unfolded.delete(row.status.name)) unfolded.add(row.status.name);
  return [{ ...chosen, table: { ...chosen.table, unfolded } }, []];
}
