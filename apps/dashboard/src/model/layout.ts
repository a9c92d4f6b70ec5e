import type { Area } from "../view/frame.js";
import type { Model } from "./model.js";

/** Where each part stands. A part with no rows is not drawn. */
export interface Layout {
  readonly header: Area;
  readonly table: Area;
  /** Rows of the table below its headings. */
  readonly tableRows: Area;
  readonly tabs: Area;
  readonly detail: Area;
  /** Column of the line between panes that stand side by side; null: they stand one above the other. */
  readonly divider: number | null;
  readonly footer: Area;
}

/** From here on both panes have room side by side. */
const SIDE_BY_SIDE = 220;

/** The parts on a screen of the model's size; any size, down to one cell, gives areas that lie in it. */
export function layoutOf(model: Model): Layout {
  const { width, height } = model.size;
  const header = area(0, 0, width, Math.min(1, height));
  const footer = area(0, Math.max(1, height - 1), width, height > 1 ? 1 : 0);
  const bodyHeight = Math.max(0, height - 2);
  const body = area(0, 1, width, bodyHeight);
  const whole = (focus: "table" | "detail"): Layout =>
    parts(
      header,
      focus === "table" ? body : area(0, 1, width, 0),
      focus === "detail" ? body : area(0, 1, width, 0),
      null,
      footer,
    );
  // Too low for two panes: the one that takes the keys is shown.
  if (model.zoomed || bodyHeight < 8) return whole(model.focus);
  if (width >= SIDE_BY_SIDE) {
    const left = Math.floor(width * 0.58);
    return parts(
      header,
      area(0, 1, left, bodyHeight),
      area(left + 1, 1, width - left - 1, bodyHeight),
      left,
      footer,
    );
  }
  const upper = Math.floor(bodyHeight * 0.5);
  return parts(
    header,
    area(0, 1, width, upper),
    area(0, 1 + upper, width, bodyHeight - upper),
    null,
    footer,
  );
}

function parts(
  header: Area,
  table: Area,
  lower: Area,
  divider: number | null,
  footer: Area,
): Layout {
  return {
    header,
    table,
    tableRows: area(table.x, table.y + 1, table.width, Math.max(0, table.height - 1)),
    tabs: area(lower.x, lower.y, lower.width, Math.min(1, lower.height)),
    detail: area(lower.x, lower.y + 1, lower.width, Math.max(0, lower.height - 1)),
    divider,
    footer,
  };
}

function area(x: number, y: number, width: number, height: number): Area {
  return { x, y, width, height };
}
