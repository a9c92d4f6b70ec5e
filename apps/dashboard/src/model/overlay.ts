import { actOn, confirmed } from "./actions.js";
import { paletteEntries } from "./palette.js";
import type { Command } from "./bindings.js";
import { savedText, searchAgain } from "./log-commands.js";
import type { Model, Overlay, Step } from "./model.js";
import { scrollOverlay } from "./overlay-layout.js";
import { proposalKey } from "./proposal.js";
import { scale } from "./scaling.js";
import { scrollKey } from "./scroll-key.js";
import { selectIndex } from "./selection.js";
import { SIGNALS } from "./signal-list.js";

type Run = (model: Model, command: Command) => Step;

/** A key while something lies over the panes. */
export function overlayKey(model: Model, overlay: Overlay, key: string, run: Run): Step {
  const closed: Model = { ...model, overlay: null };
  if (key === "C-c") return overlay.kind === "prompt" ? abandon(closed, overlay) : [closed, []];
  switch (overlay.kind) {
    case "prompt":
      return promptKey(model, overlay, key);
    case "confirm":
      if (key === "y" || key === "Y") return confirmed(closed, overlay.effects);
      return key === "n" || key === "N" || key === "q" || key === "escape"
        ? [closed, []]
        : [model, []];
    case "help": {
      const by = scrollKey(key, model.size.height - 4);
      if (by !== null) return [scrollOverlay(model, overlay, by), []];
      return ["q", "escape", "?", "f1", "enter"].includes(key) ? [closed, []] : [model, []];
    }
    case "changes": {
      const by = scrollKey(key, model.size.height - 4);
      if (by !== null) return [scrollOverlay(model, overlay, by), []];
      return proposalKey(model, overlay, key);
    }
    case "files": {
      const by = scrollKey(key, 5);
      const { paths, index } = overlay;
      if (by !== null) return [scrollOverlay(model, overlay, by), []];
      const path = paths[index];
      if (key === "enter" && path !== undefined)
        return [closed, [{ type: "edit", path, edit: null }]];
      return key === "q" || key === "escape" ? [closed, []] : [model, []];
    }
    case "signals": {
      const by = scrollKey(key, 5);
      if (by !== null) return [scrollOverlay(model, overlay, by), []];
      const chosen = SIGNALS[overlay.index];
      if (key === "enter" && chosen !== undefined)
        return actOn(closed, "signal", overlay.names, chosen.name);
      return key === "q" || key === "escape" ? [closed, []] : [model, []];
    }
    case "palette": {
      const by = key === "up" || key === "C-p" ? -1 : key === "down" || key === "C-n" ? 1 : null;
      if (by !== null) return [scrollOverlay(model, overlay, by), []];
      const chosen = paletteEntries(overlay.text)[overlay.index];
      if (key === "enter") return chosen === undefined ? [closed, []] : run(closed, chosen.command);
      if (key === "escape") return [closed, []];
      const text = edit(overlay.text, key);
      return [{ ...model, overlay: { kind: "palette", text, index: 0, top: 0 } }, []];
    }
  }
}

/** A pasted text goes where one is typed, and nowhere else: it is no command. */
export function typeText(model: Model, text: string): Step {
  const { overlay } = model;
  if (overlay?.kind !== "prompt" && overlay?.kind !== "palette") return [model, []];
  const next = {
    ...overlay,
    text: overlay.text + text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ""),
  };
  return [applied({ ...model, overlay: next }), []];
}

function promptKey(model: Model, overlay: Extract<Overlay, { kind: "prompt" }>, key: string): Step {
  if (key === "escape") return abandon({ ...model, overlay: null }, overlay);
  if (key !== "enter") {
    const text = edit(overlay.text, key);
    return [applied({ ...model, overlay: { ...overlay, text } }), []];
  }
  const closed: Model = { ...model, overlay: null };
  switch (overlay.prompt) {
    case "filter":
    case "logFilter":
      return [closed, []];
    case "search": {
      const search = overlay.text === "" ? model.logs.search : overlay.text;
      return searchAgain({ ...closed, logs: { ...model.logs, search, match: null } }, -1);
    }
    case "scale":
      return scale(closed, overlay.names ?? [], overlay.text);
    case "save":
      return overlay.text === ""
        ? [closed, []]
        : [closed, [{ type: "save", path: overlay.text, text: savedText(model.logs) }]];
  }
}

/** Filters are in force while they are typed. */
function applied(model: Model): Model {
  const { overlay } = model;
  if (overlay?.kind !== "prompt") return model;
  if (overlay.prompt === "logFilter")
    return { ...model, logs: { ...model.logs, pattern: overlay.text, match: null } };
  if (overlay.prompt !== "filter") return model;
  return selectIndex({ ...model, table: { ...model.table, filter: overlay.text } }, 0);
}

/** The text before stands again. */
function abandon(model: Model, overlay: Extract<Overlay, { kind: "prompt" }>): Step {
  const { overlay: _, ...before } = applied({
    ...model,
    overlay: { ...overlay, text: overlay.before },
  });
  return [{ ...before, overlay: null }, []];
}

/** A line of text after a key, as readline(3) edits its end. */
function edit(text: string, key: string): string {
  if (key === "backspace") return Array.from(text).slice(0, -1).join("");
  if (key === "C-u") return "";
  if (key === "C-w") return text.replace(/\S*\s*$/, "");
  if (key === "space") return `${text} `;
  return Array.from(key).length === 1 ? text + key : text;
}
