import type { Layout } from "../model/layout.js";
import type { Model, Overlay } from "../model/model.js";
import { changesWidth, overlayLayout } from "../model/overlay-layout.js";
import type { FramedOverlay, OverlayLayout } from "../model/overlay-layout.js";
import { overlayTitle, titleText } from "../model/overlay-title.js";
import { paletteEntries } from "../model/palette.js";
import { SIGNALS } from "../model/signal-list.js";
import { visible } from "../text/visible.js";
import { clip, padEnd, widthOf } from "../text/width.js";
import { changesLines } from "./changes.js";
import type { Canvas } from "./frame.js";
import { helpLines } from "./help.js";
import { line } from "./lines.js";
import type { Line } from "./lines.js";

/** What lies over the panes. The prompt and the question stand in the footer. */
export function drawOverlay(canvas: Canvas, _layout: Layout, model: Model, overlay: Overlay): void {
  if (overlay.kind === "prompt" || overlay.kind === "confirm") return;
  const place = overlayLayout(model, overlay);
  const { inside, top } = place;
  drawFrame(canvas, model, place, titleText(overlayTitle(overlay)));
  const lines = linesOf(model, overlay);
  for (let row = 0; row < inside.height; row += 1)
    canvas.spans(inside.x, inside.y + row, lines[top + row] ?? [], inside.width);
  if ("index" in overlay) {
    const y = inside.y + overlay.index - top;
    if (lines.length > 0 && inside.height > 0)
      canvas.restyle({ ...inside, y, height: 1 }, "selected");
    return;
  }
  const below = lines.length - top - inside.height;
  if (overlay.kind === "changes" && below > 0 && inside.height > 0)
    canvas.spans(
      inside.x,
      inside.y + inside.height,
      line(` ${below} more rows: j `, "accent"),
      Math.min(inside.width, 20),
    );
}

function linesOf(model: Model, overlay: FramedOverlay): readonly Line[] {
  switch (overlay.kind) {
    case "help":
      return helpLines();
    case "changes":
      return changesLines(overlay.proposal, changesWidth(model));
    case "files":
      return overlay.paths.map((path) => line(visible(path)));
    case "signals":
      return SIGNALS.map(({ name, meaning, destroys }): Line => [
        { text: padEnd(name, 11), style: destroys ? "warning" : "good" },
        { text: meaning, style: "plain" },
      ]);
    case "palette":
      return paletteEntries(overlay.text).map(({ command, keys, help }): Line => [
        { text: padEnd(command, 20), style: "strong" },
        { text: padEnd(keys.join(" "), 14), style: "key" },
        { text: help, style: "plain" },
      ]);
  }
}

function drawFrame(canvas: Canvas, model: Model, { frame }: OverlayLayout, title: string): void {
  const { glyphs } = model;
  const { x, y, width, height } = frame;
  const [upperLeft, upperRight, lowerLeft, lowerRight] = glyphs.corners;
  const edge = (left: string, right: string): string =>
    `${left}${glyphs.horizontal.repeat(Math.max(0, width - 2))}${right}`;
  canvas.paint(frame, " ", "plain");
  canvas.text(x, y, edge(upperLeft, upperRight), "dim");
  canvas.text(x, y + height - 1, edge(lowerLeft, lowerRight), "dim");
  const side = { x, y: y + 1, width: 1, height: height - 2 };
  canvas.paint(side, glyphs.vertical, "dim");
  canvas.paint({ ...side, x: x + width - 1 }, glyphs.vertical, "dim");
  const text = clip(` ${title} `, width - 4, glyphs.ellipsis);
  if (widthOf(text) > 2) canvas.text(x + 2, y, text, "title");
}
