import { cellText } from "../model/columns.js";
import { GUTTER, placeColumns } from "../model/column-layout.js";
import type { PlacedColumn } from "../model/column-layout.js";
import type { Layout } from "../model/layout.js";
import type { Model } from "../model/model.js";
import { sameKey, tableRows } from "../model/rows.js";
import type { TableRow } from "../model/rows.js";
import { clip, padStart, widthOf } from "../text/width.js";
import type { Canvas, Style } from "./frame.js";
import { STATE_LETTERS } from "./glyphs.js";
import { styleOfState } from "./state-style.js";

/** Headings and the visible rows. */
export function drawTable(canvas: Canvas, layout: Layout, model: Model): void {
  const { table: area, tableRows: body } = layout;
  if (area.height === 0) return;
  const placed = placeColumns(model);
  drawHeadings(canvas, layout, model, placed);
  const rows = tableRows(model);
  const { top, selected } = model.table;
  for (let line = 0; line < body.height; line += 1) {
    const row = rows[top + line];
    if (row === undefined) break;
    const y = body.y + line;
    drawRow(canvas, model, placed, row, body.x, y);
    if (sameKey(row.key, selected)) {
      const style: Style = model.focus === "table" ? "selected" : "selectedDim";
      canvas.restyle({ x: body.x, y, width: body.width, height: 1 }, style);
    }
  }
  if (rows.length === 0 && body.height > 0) {
    const why = model.table.filter === "" ? "no services" : "no service passes the filter";
    canvas.text(body.x + GUTTER, body.y, why, "dim", body.width - GUTTER);
  }
}

function drawHeadings(
  canvas: Canvas,
  { table: area }: Layout,
  model: Model,
  placed: readonly PlacedColumn[],
): void {
  const style: Style = model.focus === "table" ? "heading" : "dim";
  canvas.paint({ ...area, height: 1 }, " ", style);
  const { sort, descending } = model.table;
  for (const { column, x, width } of placed) {
    const mark =
      column.id === sort ? (descending ? model.glyphs.descending : model.glyphs.ascending) : "";
    const title = `${clip(column.title, width - widthOf(mark), "")}${mark}`;
    canvas.text(area.x + x, area.y, column.right ? padStart(title, width) : title, style, width);
  }
}

function drawRow(
  canvas: Canvas,
  model: Model,
  placed: readonly PlacedColumn[],
  row: TableRow,
  x: number,
  y: number,
): void {
  const { glyphs, table } = model;
  const marked = row.kind === "service" && table.marked.has(row.status.name);
  if (row.kind === "service") {
    canvas.text(x, y, marked ? glyphs.mark : " ", "marked");
    const fold = row.fold === "leaf" ? glyphs.leaf : glyphs[row.fold];
    canvas.text(x + 1, y, fold, "dim");
  }
  for (const { column, x: at, width } of placed) {
    let text = cellText(model, row, column.id);
    if (row.kind === "process" && column.id === "name") {
      const branch = row.last ? glyphs.lastBranch : glyphs.branch;
      text = `${"  ".repeat(row.depth)}${branch}${text}`;
    }
    if (row.kind === "service" && column.id === "state")
      text = `${STATE_LETTERS[row.status.state]} ${text}`;
    const cut = clip(text, width, glyphs.ellipsis);
    canvas.text(
      x + at,
      y,
      column.right ? padStart(cut, width) : cut,
      marked && column.id === "name" ? "marked" : styleOf(row, column.id, text),
      width,
    );
  }
}

function styleOf(row: TableRow, id: PlacedColumn["column"]["id"], text: string): Style {
  if (text === "-") return "dim";
  if (row.kind === "process") return id === "name" ? "plain" : "dim";
  switch (id) {
    case "name":
      return "strong";
    case "state":
      return styleOfState(row.status.state);
    case "health":
      return row.status.health === "healthy"
        ? "good"
        : row.status.health === "unhealthy"
          ? "bad"
          : "busy";
    case "restarts":
      return row.status.restarts > 0 ? "warning" : "dim";
    default:
      return "plain";
  }
}
