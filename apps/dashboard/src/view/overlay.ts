import { BINDINGS } from "../model/bindings.js";
import type { Layout } from "../model/layout.js";
import type { Model, Overlay } from "../model/model.js";
import { paletteEntries } from "../model/palette.js";
import { SIGNALS } from "../model/signal-list.js";
import { visible } from "../text/visible.js";
import { clip, padEnd, widthOf } from "../text/width.js";
import type { Area, Canvas, Span } from "./frame.js";
import { changesLines, changesTitle } from "./changes.js";
import { PLACES, WHERES } from "./places.js";

/** What lies over the panes. The prompt and the question stand in the footer. */
export function drawOverlay(canvas: Canvas, _layout: Layout, model: Model, overlay: Overlay): void {
  switch (overlay.kind) {
    case "prompt":
    case "confirm":
      return;
    case "help":
      drawHelp(canvas, model, overlay.top);
      return;
    case "changes":
      drawChanges(canvas, model, overlay);
      return;
    case "files": {
      const rows = overlay.paths.map((path): readonly Span[] => [
        { text: visible(path), style: "plain" },
      ]);
      drawList(canvas, model, "edit which file? (enter, esc: none)", rows, overlay.index);
      return;
    }
    case "signals": {
      const whom =
        overlay.names.length === 1
          ? `"${overlay.names[0] ?? ""}"`
          : `${overlay.names.length} services`;
      const rows = SIGNALS.map(({ name, meaning, destroys }): readonly Span[] => [
        { text: padEnd(name, 11), style: destroys ? "warning" : "good" },
        { text: meaning, style: "plain" },
      ]);
      drawList(
        canvas,
        model,
        `send ${visible(whom)} a signal (enter: send, esc: no)`,
        rows,
        overlay.index,
      );
      return;
    }
    case "palette": {
      const rows = paletteEntries(overlay.text).map(({ command, keys, help }): readonly Span[] => [
        { text: padEnd(command, 20), style: "strong" },
        { text: padEnd(keys.join(" "), 14), style: "key" },
        { text: help, style: "plain" },
      ]);
      drawList(canvas, model, `: ${visible(overlay.text)}`, rows, overlay.index);
    }
  }
}

/** Every key. */
export function helpLines(): readonly (readonly Span[])[] {
  return WHERES.flatMap((where) => [
    [{ text: PLACES[where], style: "heading" as const }],
    ...BINDINGS.filter((one) => one.where === where).map(({ keys, help }): readonly Span[] => [
      { text: padEnd(`  ${keys.join(" ")}`, 18), style: "key" },
      { text: help, style: "plain" },
    ]),
  ]);
}

function drawHelp(canvas: Canvas, model: Model, top: number): void {
  const lines = helpLines();
  const area = box(canvas, model, "keys (j and k scroll, q closes)", lines.length);
  const first = Math.min(top, Math.max(0, lines.length - area.height));
  for (let row = 0; row < area.height; row += 1)
    canvas.spans(area.x, area.y + row, lines[first + row] ?? [], area.width);
}

function drawChanges(
  canvas: Canvas,
  model: Model,
  { proposal, top }: Extract<Overlay, { kind: "changes" }>,
): void {
  const lines = changesLines(proposal, Math.max(1, Math.min(canvas.width, WIDEST) - 4));
  const area = box(canvas, model, changesTitle(proposal), lines.length);
  const first = Math.min(top, Math.max(0, lines.length - area.height));
  for (let row = 0; row < area.height; row += 1)
    canvas.spans(area.x, area.y + row, lines[first + row] ?? [], area.width);
  const below = lines.length - first - area.height;
  if (below > 0 && area.height > 0)
    canvas.spans(
      area.x,
      area.y + area.height,
      [{ text: ` ${below} more rows: j `, style: "accent" }],
      Math.min(area.width, 20),
    );
}

function drawList(
  canvas: Canvas,
  model: Model,
  title: string,
  rows: readonly (readonly Span[])[],
  index: number,
): void {
  const area = box(canvas, model, title, Math.max(1, rows.length));
  const top = Math.max(0, Math.min(index - Math.floor(area.height / 2), rows.length - area.height));
  for (let row = 0; row < area.height; row += 1) {
    const y = area.y + row;
    canvas.spans(area.x, y, rows[top + row] ?? [], area.width);
    if (top + row === index)
      canvas.restyle({ x: area.x, y, width: area.width, height: 1 }, "selected");
  }
}

/** Columns of what lies over the panes, at most. */
const WIDEST = 76;

/** Draws a frame in the middle and returns what is inside. */
function box(canvas: Canvas, model: Model, title: string, rows: number): Area {
  const { glyphs } = model;
  const width = Math.min(canvas.width, WIDEST);
  const height = Math.min(canvas.height, rows + 2);
  const x = Math.floor((canvas.width - width) / 2);
  const y = Math.floor((canvas.height - height) / 2);
  const [upperLeft, upperRight, lowerLeft, lowerRight] = glyphs.corners;
  const edge = (left: string, right: string): string =>
    `${left}${glyphs.horizontal.repeat(Math.max(0, width - 2))}${right}`;
  canvas.paint({ x, y, width, height }, " ", "plain");
  canvas.text(x, y, edge(upperLeft, upperRight), "dim");
  canvas.text(x, y + height - 1, edge(lowerLeft, lowerRight), "dim");
  canvas.paint({ x, y: y + 1, width: 1, height: height - 2 }, glyphs.vertical, "dim");
  canvas.paint(
    { x: x + width - 1, y: y + 1, width: 1, height: height - 2 },
    glyphs.vertical,
    "dim",
  );
  const text = clip(` ${title} `, width - 4, glyphs.ellipsis);
  if (widthOf(text) > 2) canvas.text(x + 2, y, text, "title");
  return { x: x + 2, y: y + 1, width: Math.max(0, width - 4), height: Math.max(0, height - 2) };
}
