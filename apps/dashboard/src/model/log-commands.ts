import type { LogLine } from "@supervise/model";
import { visible } from "../text/visible.js";
import { say } from "./actions.js";
import type { Command } from "./bindings.js";
import { layoutOf } from "./layout.js";
import { findBeyond, goesOn } from "./log-window.js";
import { findMatch, lineMatcher, logPage, visibleLines } from "./logs.js";
import type { LogModel, Model, Step, StreamFilter } from "./model.js";
import { openPrompt } from "./prompt.js";

/** Columns that one step to the side moves. */
const SIDE_STEP = 8;

const NEXT_STREAM: Readonly<Record<StreamFilter, StreamFilter>> = {
  both: "stderr",
  stderr: "stdout",
  stdout: "both",
};

/** In the order of the key: none is left out, then from the gravest that is often met. */
const LEVELS: readonly (number | null)[] = [null, 3, 4, 5, 6, 7];

/** Commands about the log. */
export function runLogCommand(model: Model, command: Command): Step {
  const { logs } = model;
  const set = (more: Partial<LogModel>): Step => [{ ...model, logs: { ...logs, ...more } }, []];
  switch (command) {
    case "left":
      return set({ left: Math.max(0, logs.left - SIDE_STEP) });
    case "right":
      return set({ left: logs.left + SIDE_STEP });
    case "search":
      return [openPrompt(model, "search", ""), []];
    case "logFilter":
      return [openPrompt(model, "logFilter", logs.pattern), []];
    case "searchNext":
      return searchAgain(model, 1);
    case "searchPrevious":
      return searchAgain(model, -1);
    case "stream":
      return set({ stream: NEXT_STREAM[logs.stream] });
    case "wrap":
      return set({ wrap: !logs.wrap, left: 0 });
    case "level": {
      const at = LEVELS.indexOf(logs.severity) + 1;
      return set({ severity: LEVELS[at % LEVELS.length] ?? null });
    }
    case "pause":
      return logs.anchor === null
        ? set({ anchor: logs.lines.length - 1 })
        : set({ anchor: null, newer: "live", asked: null });
    case "follow":
      return set({ anchor: null, match: null, newer: "live", asked: null });
    case "merge":
      return set({ merged: !logs.merged });
    case "select": {
      const at = visibleLines(logs, 1).at(-1) ?? null;
      return logs.selectFrom === null
        ? set({ selectFrom: at, anchor: at })
        : set({ selectFrom: null });
    }
    case "copy": {
      const lines = chosenLines(model);
      if (lines.length === 0) return say(model, "there is nothing to copy");
      const [next] = set({ selectFrom: null });
      const text = lines.map((line) => `${visible(line.text)}\n`).join("");
      return [
        { ...next, notice: { text: `${lines.length} lines copied`, tone: "good" } },
        [{ type: "copy", text }],
      ];
    }
    case "save":
      return [
        openPrompt(
          model,
          "save",
          `${logs.names.length === 1 ? (logs.names[0] ?? "all") : "all"}.log`,
        ),
        [],
      ];
    default:
      return [model, []];
  }
}

/** Moves to the next match, with lines before and behind it in view. */
export function searchAgain(model: Model, direction: -1 | 1): Step {
  const { logs } = model;
  if (logs.search === "") return say(model, "there is no search yet; begin one with /");
  const near = findMatch(logs, direction, false);
  if (near === null && goesOn(logs, direction)) return findBeyond(model, direction);
  // A search that begins at the beginning of the files has only one way to go.
  if (near === null && logs.match === null && direction < 0 && logs.newer !== "live")
    return searchAgain(model, 1);
  const match = near ?? (logs.newer === "live" ? findMatch(logs, direction) : null);
  if (match === null && logs.newer !== "live")
    return say(model, `not found further ${direction < 0 ? "up" : "down"} in the log`);
  if (match === null) return say(model, `"${visible(logs.search)}" is not in this log`);
  const seen = visibleLines(logs, logPage(logs, layoutOf(model).detail.height)).includes(match);
  const behind = match + Math.floor(layoutOf(model).detail.height / 2);
  const anchor = seen
    ? (logs.anchor ?? logs.lines.length - 1)
    : Math.min(logs.lines.length - 1, behind);
  return [{ ...model, logs: { ...logs, match, anchor } }, []];
}

/** The selected lines; none are selected: those on the screen. */
export function chosenLines(model: Model): readonly LogLine[] {
  const { logs } = model;
  const page = visibleLines(logs, logPage(logs, layoutOf(model).detail.height));
  if (logs.selectFrom === null) return page.flatMap((index) => logs.lines[index] ?? []);
  const here = logs.anchor ?? logs.lines.length - 1;
  const [first, last] = [Math.min(here, logs.selectFrom), Math.max(here, logs.selectFrom)];
  return logs.lines.slice(first, last + 1).filter(lineMatcher(logs));
}

/** Every line that the filters leave, as it goes to a file: with time and service where several are merged. */
export function savedText(logs: LogModel): string {
  const several = logs.names.length !== 1;
  return logs.lines
    .filter(lineMatcher(logs))
    .map((line) => `${several ? `${line.time} ${line.service} ` : ""}${line.text}\n`)
    .join("");
}
