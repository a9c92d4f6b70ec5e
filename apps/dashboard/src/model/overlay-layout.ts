import { changesLines } from "../view/changes.js";
import type { Area } from "../view/frame.js";
import { helpLines } from "../view/help.js";
import type { Model, Overlay } from "./model.js";
import { paletteEntries } from "./palette.js";
import { SIGNALS } from "./signal-list.js";

/** What lies over the panes in a frame; prompt and question stand in the footer. */
export type FramedOverlay = Exclude<Overlay, { kind: "prompt" | "confirm" }>;

/** A list, in which one row is chosen. */
export type ListOverlay = Extract<Overlay, { kind: "palette" | "files" | "signals" }>;

/** Where the frame of what lies over the panes stands, and which of its rows are seen. */
export interface OverlayLayout {
  readonly frame: Area;
  readonly inside: Area;
  /** All rows there are, seen or not. */
  readonly rows: number;
  /** The first that is seen. */
  readonly top: number;
}

/** Columns of what lies over the panes, at most. */
const WIDEST = 76;

/** In the middle of the screen, as high as its rows are where there is room. */
export function overlayLayout(model: Model, overlay: FramedOverlay): OverlayLayout {
  const { size } = model;
  const width = Math.min(size.width, WIDEST);
  const rows = rowsOf(model, overlay);
  const height = Math.min(size.height, Math.max(1, rows) + 2);
  const x = Math.floor((size.width - width) / 2);
  const y = Math.floor((size.height - height) / 2);
  const inside = {
    x: x + 2,
    y: y + 1,
    width: Math.max(0, width - 4),
    height: Math.max(0, height - 2),
  };
  const lowest = Math.max(0, Math.min(overlay.top, rows - inside.height));
  const top =
    "index" in overlay
      ? Math.min(Math.max(lowest, overlay.index - inside.height + 1), overlay.index)
      : lowest;
  return { frame: { x, y, width, height }, inside, rows, top };
}

/** Columns for the text of a comparison. */
export function changesWidth({ size }: Model): number {
  return Math.max(1, Math.min(size.width, WIDEST) - 4);
}

/** So many rows down, or up, and no further than there are any: a list chooses another row, a text moves. */
export function scrollOverlay(model: Model, overlay: FramedOverlay, by: number): Model {
  const { rows, top, inside } = overlayLayout(model, overlay);
  if ("index" in overlay) return choose(model, overlay, overlay.index + by);
  const last = Math.max(0, rows - inside.height);
  return { ...model, overlay: { ...overlay, top: Math.max(0, Math.min(last, top + by)) } };
}

/** The row of a list that is chosen next, or the nearest there is; the list moves only as far as it must. */
export function choose(model: Model, overlay: ListOverlay, index: number): Model {
  const { rows, top } = overlayLayout(model, overlay);
  const chosen = { ...overlay, top, index: Math.max(0, Math.min(rows - 1, index)) };
  return { ...model, overlay: { ...chosen, top: overlayLayout(model, chosen).top } };
}

function rowsOf(model: Model, overlay: FramedOverlay): number {
  switch (overlay.kind) {
    case "help":
      return helpLines().length;
    case "changes":
      return changesLines(overlay.proposal, changesWidth(model)).length;
    case "files":
      return overlay.paths.length;
    case "signals":
      return SIGNALS.length;
    case "palette":
      return paletteEntries(overlay.text).length;
  }
}
