import { widthOf } from "../text/width.js";
import type { ColumnId } from "./column-id.js";
import { COLUMNS } from "./columns.js";
import type { Column } from "./columns.js";
import { layoutOf } from "./layout.js";
import type { Model } from "./model.js";

/** A column where it stands on the screen. */
export interface PlacedColumn {
  readonly column: Column;
  /** From the left edge of the table. */
  readonly x: number;
  readonly width: number;
}

/** Columns left of the first: the mark, the fold and a blank. */
export const GUTTER = 3;

const LONGEST_NAME = 28;

/** The columns for which there is room, each where it stands; the last takes what is left. */
export function placeColumns(model: Model): readonly PlacedColumn[] {
  const width = layoutOf(model).table.width - GUTTER;
  let nameWidth = longestName(model.services);
  if (model.table.unfolded.size > 0) nameWidth = Math.max(nameWidth, 22);
  nameWidth = Math.min(nameWidth, LONGEST_NAME, Math.max(8, Math.floor(width / 3)));
  const widthIn = (column: Column): number => (column.id === "name" ? nameWidth : column.width);
  const chosen = new Set<ColumnId>();
  let used = 0;
  for (const column of COLUMNS.toSorted((one, other) => other.weight - one.weight)) {
    if (used + widthIn(column) + 1 > width && chosen.size > 0) continue;
    chosen.add(column.id);
    used += widthIn(column) + 1;
  }
  let x = GUTTER;
  const placed: PlacedColumn[] = [];
  for (const column of COLUMNS) {
    if (!chosen.has(column.id)) continue;
    const own = column.id === "reason" ? Math.max(0, width + GUTTER - x) : widthIn(column);
    placed.push({ column, x, width: own });
    x += own + 1;
  }
  return placed;
}

/** Kept as long as the services are the same: every row of the screen asks for it. */
function longestName(services: Model["services"]): number {
  if (longest.services !== services) {
    let width = 8;
    for (const name of services.keys()) width = Math.max(width, widthOf(name));
    longest = { services, width };
  }
  return longest.width;
}

let longest: { readonly services: Model["services"] | null; readonly width: number } = {
  services: null,
  width: 8,
};

/** Which column stands there; null: none. */
export function columnAt(model: Model, x: number): ColumnId | null {
  const found = placeColumns(model).find((one) => x >= one.x && x <= one.x + one.width);
  return found?.column.id ?? null;
}
