import type { LogLine } from "@supervise/model";
import { edgeOf } from "../model/log-page.js";
import type { PageAsk, ShownLine } from "../model/log-page.js";
import { lineMatcher, textMatcher } from "../model/logs.js";
import type { Message } from "../model/message.js";
import type { LogModel } from "../model/model.js";

/** What a page of the files holds, the oldest line first. */
export interface LogPage {
  readonly lines: readonly ShownLine[];
  /** There are no more in this direction. */
  readonly end: boolean;
  /** What could not be read, a sentence; null: all was. */
  readonly problem: string | null;
}

/** The log files of services, current, rotated and compressed ones. */
export interface LogFiles {
  /** What tells the gravity of lines in their order: those that are indented are as grave as the one that they stand below. */
  grade(): (line: LogLine) => ShownLine;
  /** Lines before or behind an edge. Services without files have none. Never throws. */
  read(
    ask: Pick<PageAsk, "names" | "direction" | "edge" | "count">,
    signal: AbortSignal,
  ): Promise<LogPage>;
}

/** Reads what is asked for, for a search page by page, and sends it, unless it is aborted. */
export async function readPages(
  files: LogFiles,
  ask: PageAsk,
  logs: LogModel,
  send: (message: Message) => void,
  signal: AbortSignal,
): Promise<void> {
  let page = await files.read(ask, signal);
  if (ask.goal === "find") {
    const shown = lineMatcher(logs);
    const find = textMatcher(logs.search);
    const isMatch = (line: ShownLine): boolean => shown(line) && find(line.text) >= 0;
    let { edge } = ask;
    while (!signal.aborted) {
      const found =
        ask.direction === "older"
          ? page.lines.findLastIndex(isMatch)
          : page.lines.findIndex(isMatch);
      if (found >= 0) {
        send({ type: "logPage", ask, ...page, found });
        return;
      }
      if (page.end || page.lines.length === 0) break;
      edge = edgeOf(page.lines, ask.direction, edge);
      send({ type: "logLooked", id: ask.id, time: (page.lines[0]?.time ?? "").slice(0, 19) });
      page = await files.read({ ...ask, edge }, signal);
    }
  }
  if (!signal.aborted) send({ type: "logPage", ask, ...page, found: null });
}
