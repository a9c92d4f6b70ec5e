import { layoutOf } from "../model/layout.js";
import type { Model } from "../model/model.js";
import { drawDetail } from "./detail.js";
import { drawFooter, drawHeader } from "./edges.js";
import { createCanvas } from "./frame.js";
import type { Frame } from "./frame.js";
import { drawOverlay } from "./overlay.js";
import { drawTable } from "./table.js";

/** The whole screen of a model. Pure; only what is visible is looked at. */
export function view(model: Model): Frame {
  const { width, height } = model.size;
  const canvas = createCanvas(width, height);
  const layout = layoutOf(model);
  drawTable(canvas, layout, model);
  drawDetail(canvas, layout, model);
  if (layout.divider !== null) {
    const { y, height: rows } = layout.table;
    canvas.paint({ x: layout.divider, y, width: 1, height: rows }, model.glyphs.vertical, "dim");
  }
  drawHeader(canvas, layout, model);
  drawFooter(canvas, layout, model);
  if (model.overlay !== null) drawOverlay(canvas, layout, model, model.overlay);
  return canvas.frame();
}
