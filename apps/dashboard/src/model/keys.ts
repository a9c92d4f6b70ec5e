import { act, say } from "./actions.js";
import { commandOf } from "./bindings.js";
import type { Command } from "./bindings.js";
import { layoutOf } from "./layout.js";
import { runLogCommand } from "./log-commands.js";
import { scrollWindow } from "./log-window.js";
import { TABS } from "./model.js";
import type { Model, Step, Tab } from "./model.js";
import { overlayKey } from "./overlay.js";
import { openPrompt } from "./prompt.js";
import { beginEdit } from "./proposal.js";
import { beginScale } from "./scaling.js";
import { selectIndex } from "./selection.js";
import { runTableCommand } from "./table-commands.js";

/** What a key does: to what lies over the panes, else by its command. One without a command does nothing. */
export function updateKey(model: Model, key: string): Step {
  if (model.overlay !== null) return overlayKey(model, model.overlay, key, runCommand);
  const tab = /^[1-9]$/.test(key) ? TABS[Number(key) - 1] : undefined;
  if (tab !== undefined) return [openTab(model, tab), []];
  const command = commandOf(key, model.focus, model.tab === "logs");
  return command === null ? [model, []] : runCommand(model, command);
}

/** Does what a key, a word of the palette or the mouse asks for. */
export function runCommand(model: Model, command: Command): Step {
  switch (command) {
    case "up":
      return move(model, -1);
    case "down":
      return move(model, 1);
    case "pageUp":
      return move(model, -page(model));
    case "pageDown":
      return move(model, page(model));
    case "halfUp":
      return move(model, -Math.ceil(page(model) / 2));
    case "halfDown":
      return move(model, Math.ceil(page(model) / 2));
    case "first":
      return move(model, -Number.MAX_SAFE_INTEGER);
    case "last":
      return move(model, Number.MAX_SAFE_INTEGER);
    case "switchPane":
      return [{ ...model, focus: model.focus === "table" ? "detail" : "table" }, []];
    case "zoom":
      return [{ ...model, zoomed: !model.zoomed }, []];
    case "nextTab":
      return [nextTab(model, 1), []];
    case "previousTab":
      return [nextTab(model, -1), []];
    case "start":
    case "stop":
    case "restart":
    case "reload":
      return act(model, command);
    case "palette":
      return [{ ...model, overlay: { kind: "palette", text: "", index: 0, top: 0 } }, []];
    case "help":
      return [{ ...model, overlay: { kind: "help", top: 0 } }, []];
    case "reloadConfiguration":
      return model.link.kind === "connected"
        ? [model, [{ type: "compare" }]]
        : say(model, "the supervisor is away");
    case "edit":
      return beginEdit(model);
    case "scale":
      return beginScale(model);
    case "redraw":
      return [model, [{ type: "redraw" }]];
    case "suspend":
      return [model, [{ type: "suspend" }]];
    case "secrets":
      return [{ ...model, revealSecrets: !model.revealSecrets }, []];
    case "quit":
      return [model, [{ type: "quit" }]];
    case "cancel":
      return model.logs.asked?.goal === "find" ? stopSearch(model) : [cancel(model), []];
    case "filter":
      return [openPrompt(model, "filter", model.table.filter), []];
    case "enter":
    case "left":
    case "right":
    case "mark":
    case "markAll":
    case "unmark":
    case "unfoldAll":
    case "sortNext":
    case "sortPrevious":
    case "invert":
    case "signal":
      return model.focus === "detail" && (command === "left" || command === "right")
        ? runLogCommand(model, command)
        : runTableCommand(model, command);
    case "search":
    case "searchNext":
    case "searchPrevious":
    case "logFilter":
    case "stream":
    case "level":
    case "wrap":
    case "pause":
    case "follow":
    case "merge":
    case "select":
    case "copy":
    case "save":
      return runLogCommand(model, command);
  }
}

export function openTab(model: Model, tab: Tab): Model {
  return tab === model.tab ? model : { ...model, tab, scroll: 0 };
}

/** Moves in the pane that has the keys, in rows. */
export function move(model: Model, rows: number): Step {
  if (model.focus === "table") return [selectIndex(model, model.table.selectedIndex + rows), []];
  if (model.tab === "logs") return scrollWindow(model, rows);
  return [{ ...model, scroll: Math.max(0, Math.min(model.scroll + rows, MOST_SCROLL)) }, []];
}

/** No tab is longer; the view stops at the end that it really has. */
const MOST_SCROLL = 1_000_000;

function nextTab(model: Model, by: number): Model {
  const at = (TABS.indexOf(model.tab) + by + TABS.length) % TABS.length;
  return openTab(model, TABS[at] ?? "overview");
}

function page(model: Model): number {
  const { tableRows, detail } = layoutOf(model);
  return Math.max(1, (model.focus === "table" ? tableRows : detail).height - 1);
}

function stopSearch(model: Model): Step {
  const notice = { text: "the search was stopped", tone: "plain" } as const;
  return [{ ...model, notice, logs: { ...model.logs, asked: null } }, [{ type: "stopReading" }]];
}

/** The nearest thing that can be taken back. */
function cancel(model: Model): Model {
  const { logs, table } = model;
  if (logs.selectFrom !== null) return { ...model, logs: { ...logs, selectFrom: null } };
  if (model.focus === "detail" && model.tab === "logs") {
    if (logs.search !== "") return { ...model, logs: { ...logs, search: "", match: null } };
    if (logs.pattern !== "") return { ...model, logs: { ...logs, pattern: "" } };
  }
  if (model.zoomed) return { ...model, zoomed: false };
  if (model.focus === "detail") return { ...model, focus: "table" };
  if (table.filter !== "") return selectIndex({ ...model, table: { ...table, filter: "" } }, 0);
  return { ...model, table: { ...table, marked: new Set() } };
}
