import { ask } from "./log-page.js";
import type { PageAsk, ShownLine } from "./log-page.js";
import { layoutOf } from "./layout.js";
import { findMatch, KEPT_LINES, logPage, scrollLog, visibleLines } from "./logs.js";
import type { LogModel, Model, Step } from "./model.js";

/** The lines in hand are a window on the files: it grows where one scrolls, and lets go at its other end. */
export type LogPageMessage = {
  readonly type: "logPage";
  readonly ask: PageAsk;
  readonly lines: readonly ShownLine[];
  /** The files have no more in this direction. */
  readonly end: boolean;
  /** Of "find": index of the match among the lines; null: there is none. */
  readonly found: number | null;
  /** What could not be read; null: all was. */
  readonly problem: string | null;
};

/** Rows from the edge at which more is asked for. */
const NEAR = 100;

/** Scrolled by so many rows: where the window comes near its edge, the files are asked for more. */
export function scrollWindow(model: Model, rows: number): Step {
  const { logs } = model;
  const by = Math.max(-logs.lines.length, Math.min(logs.lines.length, rows));
  const moved = scrollLog(logs, by, heightOf(model));
  if (rows < -logs.lines.length && logs.older === "more")
    return request({ ...model, logs: moved }, { direction: "older", goal: "beginning" });
  if (logs.newer !== "live" && moved.anchor === null)
    // The end of the window is not the end of the log.
    return rows > logs.lines.length || logs.newer === "none"
      ? [{ ...model, logs: { ...moved, newer: "live", asked: null } }, []]
      : request(
          { ...model, logs: { ...moved, anchor: logs.lines.length - 1 } },
          { direction: "newer", goal: "page" },
        );
  const next: Model = { ...model, logs: moved };
  if (rows >= 0 || moved.anchor === null || logs.older === "none" || logs.asked !== null)
    return [next, []];
  const [first = 0] = visibleLines(moved, logPage(moved, heightOf(model)));
  return first > NEAR ? [next, []] : request(next, { direction: "older", goal: "page" });
}

/** Looks for the next match in the files, beyond the window. */
export function findBeyond(model: Model, direction: -1 | 1): Step {
  return request(model, { direction: direction < 0 ? "older" : "newer", goal: "find" });
}

/** Can a search go on in the files, in this direction? */
export function goesOn({ older, newer }: LogModel, direction: -1 | 1): boolean {
  return direction < 0 ? older === "more" : newer === "more";
}

function request(
  model: Model,
  what: Pick<PageAsk, "direction" | "goal"> & { readonly fromBeginning?: boolean },
): Step {
  const names = model.logs.names.length > 0 ? model.logs.names : [...model.services.keys()];
  const { logs, asked } = ask(model.logs, names, what);
  return [{ ...model, logs }, [{ type: "readLog", ask: asked, logs }]];
}

/** What has come of the files. What was asked for before the view went elsewhere is dropped. */
export function takePage(model: Model, message: LogPageMessage): Step {
  const { ask: asked, lines, end, problem } = message;
  if (model.logs.asked?.id !== asked.id) return [model, []];
  const notice = problem === null ? model.notice : ({ text: problem, tone: "bad" } as const);
  const there: Model = {
    ...model,
    notice,
    logs: { ...model.logs, asked: null, filed: model.logs.filed || lines.length > 0 },
  };
  if (asked.goal === "find") return [takeFound(there, message), []];
  if (asked.goal === "beginning" && asked.edge === null)
    return [lines.length === 0 ? noOlder(there) : replaced(there, lines, end), []];
  const next = asked.direction === "older" ? before(there, lines, end) : behind(there, lines, end);
  if (asked.goal === "page") return [next, []];
  const top: Model = { ...next, logs: scrollLog(next.logs, -KEPT_LINES, heightOf(next)) };
  // The beginning is farther away than a window reaches.
  return end
    ? [top, []]
    : request(top, { direction: "newer", goal: "beginning", fromBeginning: true });
}

function heightOf(model: Model): number {
  return layoutOf(model).detail.height;
}

function noOlder(model: Model): Model {
  return { ...model, logs: { ...model.logs, older: "none" } };
}

function before(model: Model, lines: readonly ShownLine[], end: boolean): Model {
  const { logs } = model;
  const all = [...lines, ...logs.lines];
  const moved = (index: number | null): number | null =>
    index === null ? null : Math.min(index + lines.length, KEPT_LINES - 1);
  return {
    ...model,
    logs: {
      ...logs,
      lines: all.slice(0, KEPT_LINES),
      older: end ? "none" : "more",
      newer: all.length > KEPT_LINES ? "more" : logs.newer,
      anchor: moved(logs.anchor),
      match: moved(logs.match),
      selectFrom: moved(logs.selectFrom),
    },
  };
}

function behind(model: Model, lines: readonly ShownLine[], end: boolean): Model {
  const { logs } = model;
  const all = [...logs.lines, ...lines];
  const excess = Math.max(0, all.length - KEPT_LINES);
  const moved = (index: number | null): number | null =>
    index === null ? null : Math.max(0, index - excess);
  return {
    ...model,
    logs: {
      ...logs,
      lines: all.slice(excess),
      older: excess > 0 ? "more" : logs.older,
      newer: end ? "none" : "more",
      anchor: moved(logs.anchor),
      match: moved(logs.match),
      selectFrom: moved(logs.selectFrom),
    },
  };
}

/** Another part of the files, from its beginning. */
function replaced(model: Model, lines: readonly ShownLine[], end: boolean): Model {
  const logs: LogModel = {
    ...model.logs,
    lines,
    dropped: 0,
    older: "none",
    newer: end ? "none" : "more",
    anchor: 0,
    match: null,
    selectFrom: null,
  };
  return { ...model, logs: scrollLog(logs, -KEPT_LINES, heightOf(model)) };
}

function takeFound(model: Model, { ask: asked, lines, end, found }: LogPageMessage): Model {
  const { logs } = model;
  if (found === null) {
    const direction = asked.direction === "older" ? -1 : 1;
    // As before the files were asked: round the end of what is in hand.
    const match = logs.newer === "live" ? findMatch(logs, direction) : null;
    if (match !== null) return { ...model, notice: ROUND, logs: { ...logs, match, anchor: match } };
    const up = "not found further up in the log; n looks further down";
    const text = asked.direction === "older" ? up : "not found further down in the log";
    return { ...model, notice: { text, tone: "bad" } };
  }
  const older = asked.direction === "older";
  return {
    ...model,
    notice: null,
    logs: {
      ...logs,
      lines,
      dropped: 0,
      older: older && end ? "none" : "more",
      newer: !older && end ? "none" : "more",
      anchor: Math.min(lines.length - 1, found + Math.floor(heightOf(model) / 2)),
      match: found,
      selectFrom: null,
    },
  };
}

const ROUND = { text: "not found further up: from the end again", tone: "plain" } as const;
