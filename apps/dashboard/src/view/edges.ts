import type { StateKind } from "@supervise/model";
import { STATE_KINDS } from "@supervise/model";
import type { Layout } from "../model/layout.js";
import type { Model, Overlay } from "../model/model.js";
import { overlayTitle, titleText } from "../model/overlay-title.js";
import { formatUptime } from "../text/quantity.js";
import { visible } from "../text/visible.js";
import { clip, widthOf } from "../text/width.js";
import { styleOfState } from "./state-style.js";
import type { Canvas, Span } from "./frame.js";
import { STATE_LETTERS } from "./glyphs.js";

/** The first row: which project, how many services in which state, and whether the supervisor is there. */
export function drawHeader(canvas: Canvas, { header }: Layout, model: Model): void {
  const { project, link, glyphs } = model;
  const name = project === null ? "supervise" : visible(project.name);
  const title: Span = { text: ` ${name} `, style: "title" };
  const right = linkSpan(model);
  const room = Math.max(0, header.width - widthOf(right.text));
  const whole = [title, ...counts(model, (state) => ` ${state}`)];
  const fits = whole.reduce((width, { text }) => width + widthOf(text), 0) <= room;
  const letters = counts(model, (state) => STATE_LETTERS[state]);
  canvas.spans(header.x, header.y, fits ? whole : [title, ...letters], room);
  const text = clip(right.text, header.width, glyphs.ellipsis);
  canvas.text(header.x + Math.max(0, header.width - widthOf(text)), header.y, text, right.style);
  if (link.kind === "away") canvas.restyle(header, "error");
}

function counts(model: Model, nameOf: (state: StateKind) => string): Span[] {
  const count = new Map<StateKind, number>();
  for (const { state } of model.services.values()) count.set(state, (count.get(state) ?? 0) + 1);
  return STATE_KINDS.flatMap((state): Span[] => {
    const number = count.get(state);
    if (number === undefined) return [];
    return [{ text: ` ${number}${nameOf(state)}`, style: styleOfState(state) }];
  });
}

function linkSpan({ link, project, nowMs }: Model): Span {
  switch (link.kind) {
    case "connecting":
      return { text: " connecting ", style: "busy" };
    case "away": {
      const since = formatUptime(nowMs - link.sinceMs);
      return {
        text: ` AWAY for ${since}, looking for it: ${visible(link.reason)} `,
        style: "error",
      };
    }
    case "connected": {
      const pid = project === null ? "" : `supervisor ${project.pid}`;
      const doing = project?.shuttingDown === true ? "SHUTTING DOWN  " : "";
      return { text: ` ${doing}${pid} `, style: doing === "" ? "dim" : "busy" };
    }
  }
}

/** The last row: what is typed, what came of an action, else the most used keys. */
export function drawFooter(canvas: Canvas, { footer }: Layout, model: Model): void {
  const { x, y, width } = footer;
  if (footer.height === 0) return;
  const { overlay, notice, acting, glyphs } = model;
  if (overlay?.kind === "prompt") {
    const label = promptLabel(overlay);
    const text = visible(overlay.text);
    // The end of a long text is where one types.
    const room = Math.max(0, width - label.length - 1);
    let shown = text;
    while (widthOf(shown) > room) shown = Array.from(shown).slice(1).join("");
    canvas.spans(
      x,
      y,
      [
        { text: label, style: "accent" },
        { text: shown, style: "plain" },
      ],
      width,
    );
    canvas.cursor(x + label.length + widthOf(shown), y);
    return;
  }
  if (overlay?.kind === "confirm") {
    const text = ` ${titleText(overlayTitle(overlay))} `;
    canvas.spans(x, y, [{ text: clip(text, width, glyphs.ellipsis), style: "error" }], width);
    return;
  }
  const doing = [...acting.values()].at(-1);
  if (notice !== null || doing !== undefined) {
    const text = visible(doing ?? notice?.text ?? "");
    const style = doing !== undefined ? "busy" : notice?.tone === "bad" ? "bad" : "good";
    const line = clip(` ${text}`, width, glyphs.ellipsis);
    canvas.spans(x, y, [{ text: line, style }], width);
    return;
  }
  canvas.spans(x, y, hints(model, width), width);
}

function promptLabel({ prompt, names = [] }: Extract<Overlay, { kind: "prompt" }>): string {
  switch (prompt) {
    case "filter":
      return "show only: ";
    case "search":
      return "search: ";
    case "logFilter":
      return "lines with: ";
    case "save":
      return "save as: ";
    case "scale": {
      const [only] = names;
      if (only === undefined) return "replicas (NAME=N): ";
      return names.length === 1
        ? `replicas of "${visible(only)}": `
        : `replicas of each of ${names.length} services: `;
    }
  }
}

/** As many keys as there is room for. */
function hints(model: Model, width: number): readonly Span[] {
  const { table, focus, tab } = model;
  const marked = table.marked.size === 0 ? "" : ` ${table.marked.size} marked`;
  const filter = table.filter === "" ? "" : ` filter: ${visible(table.filter)}`;
  const logs = focus === "detail" && tab === "logs";
  const pairs = logs
    ? [
        ["?", "help"],
        ["q", "leave"],
        ["space", "pause"],
        ["/", "search"],
        ["&", "lines"],
        ["w", "wrap"],
        ["y", "copy"],
        ["o", "save"],
        ["m", "merge"],
        ["z", "zoom"],
      ]
    : [
        ["?", "help"],
        ["q", "leave"],
        ["s", "start"],
        ["S", "stop"],
        ["r", "restart"],
        ["K", "signal"],
        ["/", "filter"],
        ["<>", "sort"],
        ["l", "tree"],
        ["tab", "pane"],
      ];
  const said = `${marked}${filter}`;
  const spans: Span[] = said === "" ? [] : [{ text: `${said} `, style: "accent" }];
  let room = width - widthOf(said);
  for (const [key = "", text = ""] of pairs) {
    room -= key.length + text.length + 2;
    if (room < 0) break;
    spans.push({ text: ` ${key}`, style: "key" }, { text: ` ${text}`, style: "dim" });
  }
  return spans;
}
