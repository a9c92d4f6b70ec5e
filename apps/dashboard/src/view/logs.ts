import type { LogLine } from "@supervise/model";
import type { ShownLine } from "../model/log-page.js";
import { logState, textMatcher, visibleLines } from "../model/logs.js";
import type { LogModel, Model } from "../model/model.js";
import { clock } from "../text/quantity.js";
import { visible } from "../text/visible.js";
import { clip, padEnd, slice, widthOf, wrap } from "../text/width.js";
import type { Area, Canvas, Style } from "./frame.js";

const LONGEST_PREFIX = 16;

/** The visible lines of the log, the last one at the foot, with the matches of the search. */
export function drawLogs(canvas: Canvas, area: Area, model: Model): void {
  const { logs, glyphs } = model;
  if (area.height === 0) return;
  const state = logState(logs);
  const body = { ...area, height: Math.max(0, area.height - (state === "" ? 0 : 1)) };
  if (state !== "") {
    const text = clip(` ${state}`, area.width, glyphs.ellipsis);
    canvas.text(area.x, area.y + area.height - 1, text, "accent", area.width);
  }
  const indexes = visibleLines(logs, body.height);
  const rows = indexes.flatMap((index) => rowsOf(model, index, body.width));
  const shown = rows.slice(-body.height);
  for (const [at, row] of shown.entries()) {
    const y = body.y + at;
    const end = canvas.text(
      body.x,
      y,
      row.prefix,
      row.style === "plain" ? "dim" : row.style,
      body.width,
    );
    canvas.text(end, y, row.text, row.style, body.x + body.width - end);
    if (logs.search !== "") highlight(canvas, logs, row.text, end, y, body.x + body.width);
  }
  if (rows.length === 0) canvas.text(area.x + 1, area.y, "no lines", "dim", area.width - 1);
}

interface Row {
  readonly prefix: string;
  readonly text: string;
  readonly style: Style;
}

function rowsOf({ logs, glyphs, services }: Model, index: number, width: number): readonly Row[] {
  const line = logs.lines[index];
  if (line === undefined) return [];
  const prefix = prefixOf(logs, line, services, glyphs.vertical);
  const room = Math.max(1, width - widthOf(prefix));
  const text = visible(line.text);
  const style = styleOf(logs, line, index);
  const gap = line.skipped ?? 0;
  const rows: Row[] = [];
  if (gap > 0)
    rows.push({ prefix: "", text: `${gap} lines were not read in time`, style: "warning" });
  if (logs.wrap) {
    for (const [at, part] of wrap(text, room).entries())
      rows.push({ prefix: at === 0 ? prefix : " ".repeat(widthOf(prefix)), text: part, style });
  } else {
    const rest = logs.left === 0 ? text : slice(text, logs.left, Math.max(room, widthOf(text)));
    rows.push({ prefix, text: clip(rest, room, glyphs.ellipsis), style });
  }
  return rows;
}

function prefixOf(
  logs: LogModel,
  line: LogLine,
  services: Model["services"],
  vertical: string,
): string {
  const time = clock(line.time);
  if (logs.names.length === 1) return `${time} ${line.stream === "stderr" ? "!" : " "} `;
  const width = prefixWidth(logs.names.length === 0 ? services.keys() : logs.names);
  return `${time} ${padEnd(clip(line.service, width, ""), width)} ${line.stream === "stderr" ? "!" : vertical} `;
}

function prefixWidth(names: Iterable<string>): number {
  let width = 4;
  for (const name of names) {
    width = Math.max(width, widthOf(name));
    if (width >= LONGEST_PREFIX) return LONGEST_PREFIX;
  }
  return width;
}

function styleOf(logs: LogModel, line: ShownLine, index: number): Style {
  if (logs.selectFrom !== null) {
    const here = logs.anchor ?? logs.lines.length - 1;
    const [first, last] = [Math.min(here, logs.selectFrom), Math.max(here, logs.selectFrom)];
    if (index >= first && index <= last) return "selected";
  }
  if (logs.match === index) return "strong";
  if (line.severity !== undefined && line.severity <= 3) return "bad";
  return line.stream === "stderr" || line.severity === 4 ? "warning" : "plain";
}

function highlight(
  canvas: Canvas,
  logs: LogModel,
  text: string,
  x: number,
  y: number,
  end: number,
): void {
  const find = textMatcher(logs.search);
  for (let at = find(text); at >= 0; at = find(text, at + logs.search.length)) {
    const from = x + widthOf(text.slice(0, at));
    const width = Math.min(widthOf(text.slice(at, at + logs.search.length)), end - from);
    if (width <= 0) return;
    canvas.restyle({ x: from, y, width, height: 1 }, "match");
  }
}
