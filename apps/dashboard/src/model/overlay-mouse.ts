import { layoutOf } from "./layout.js";
import type { MouseEvent } from "./message.js";
import type { Model, Overlay, Step } from "./model.js";
import { choose, overlayLayout, scrollOverlay } from "./overlay-layout.js";
import { answerAt, overlayTitle } from "./overlay-title.js";
import type { Area } from "../view/frame.js";

/** What the mouse does beside: `key` presses one, `panes` hands the event to what lies below. */
export interface Elsewhere {
  readonly key: (model: Model, key: string) => Step;
  readonly panes: (model: Model) => Step;
}

/** Rows of one step of the wheel. */
export const WHEEL_ROWS = 3;

/**
 * The mouse while something lies over the panes. A click chooses a row of a list, and one on the chosen row does what Enter does; an answer that is
 * clicked is the same as its key; the wheel scrolls; a click beside it closes what Esc closes without a loss. An edit is lost by Esc, so it stays.
 */
export function overlayMouse(
  model: Model,
  overlay: Overlay,
  event: MouseEvent,
  elsewhere: Elsewhere,
): Step {
  if (overlay.kind === "prompt") {
    if (event.kind !== "press") return elsewhere.panes(model);
    // A filter is in force already; another text is not yet what the person means.
    const filters = overlay.prompt === "filter" || overlay.prompt === "logFilter";
    return filters && event.y !== layoutOf(model).footer.y
      ? elsewhere.panes({ ...model, overlay: null })
      : [model, []];
  }
  const { kind, x, y } = event;
  if (overlay.kind === "confirm") {
    if (kind !== "press") return [model, []];
    const { footer } = layoutOf(model);
    if (!holds(footer, x, y)) return elsewhere.key(model, "escape");
    const key = answerAt(overlayTitle(overlay), x - footer.x - 1);
    return key === null ? [model, []] : elsewhere.key(model, key);
  }
  const { frame, inside, rows, top } = overlayLayout(model, overlay);
  if (!holds(frame, x, y)) {
    const harmless = overlay.kind !== "changes" || overlay.proposal.edit === null;
    return kind === "press" && harmless ? elsewhere.key(model, "escape") : [model, []];
  }
  if (kind !== "press")
    return [scrollOverlay(model, overlay, kind === "wheelUp" ? -WHEEL_ROWS : WHEEL_ROWS), []];
  if (y === frame.y && x >= inside.x && x < inside.x + inside.width) {
    const key = answerAt(overlayTitle(overlay), x - inside.x - 1);
    return key === null ? [model, []] : elsewhere.key(model, key);
  }
  const index = top + y - inside.y;
  if (!("index" in overlay) || !holds(inside, x, y) || index >= rows) return [model, []];
  if (index === overlay.index) return elsewhere.key(model, "enter");
  return [choose(model, overlay, index), []];
}

/** Does an area hold this cell? */
export function holds(area: Area, x: number, y: number): boolean {
  return x >= area.x && x < area.x + area.width && y >= area.y && y < area.y + area.height;
}
