import { characterWidth, charactersOf } from "../text/width.js";

/** What a piece of text means; which colour that is, the terminal's side decides. */
export type Style =
  | "plain"
  | "dim"
  | "strong"
  | "title"
  | "heading"
  | "selected"
  | "selectedDim"
  | "marked"
  | "good"
  | "busy"
  | "warning"
  | "bad"
  | "accent"
  | "match"
  | "key"
  | "error";

/** A rectangle in columns and rows, from the upper left corner. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One piece of a row. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

/** What the whole screen shows: one character and one style for each cell. The cell behind a wide character holds the empty text. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  /** By `y * width + x`. */
  readonly characters: readonly string[];
  readonly styles: readonly Style[];
  /** Where the terminal's cursor stands; null: hidden. */
  readonly cursor: { readonly x: number; readonly y: number } | null;
}

/** Text is written at a place and is cut at the area's edge; nothing outside the frame is touched. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Returns the column behind the text. `limit`: columns at most. */
  text(x: number, y: number, text: string, style: Style, limit?: number): number;
  /** Spans one behind another; what is left of `limit` is filled with blanks of style `fill`. */
  spans(x: number, y: number, spans: readonly Span[], limit: number, fill?: Style): void;
  paint(area: Area, character: string, style: Style): void;
  /** Keeps the characters of a row and gives them another style. */
  restyle(area: Area, style: Style): void;
  cursor(x: number, y: number): void;
  frame(): Frame;
}

/** An empty screen. */
export function createCanvas(width: number, height: number): Canvas {
  // Array.from() takes ten times as long, for each frame.
  const characters = Array<string>(width * height).fill(" ");
  const styles = Array<Style>(width * height).fill("plain");
  let cursor: Frame["cursor"] = null;

  const set = (index: number, character: string, style: Style): void => {
    // Half of a wide character that is written over would stand there alone.
    if (characters[index] === "" && index % width > 0) characters[index - 1] = " ";
    if (characters[index + 1] === "" && (index + 1) % width > 0) characters[index + 1] = " ";
    characters[index] = character;
    styles[index] = style;
  };
  const text: Canvas["text"] = (x, y, content, style, limit = width) => {
    const end = Math.min(width, x + limit);
    let at = x;
    if (y < 0 || y >= height) return at;
    for (const character of charactersOf(content)) {
      const own = characterWidth(character);
      if (at + own > end) break;
      if (own === 0) {
        if (at > x && at <= width) characters[y * width + at - 1] += character;
        continue;
      }
      if (at >= 0) {
        set(y * width + at, character, style);
        if (own === 2) {
          set(y * width + at + 1, " ", style);
          characters[y * width + at + 1] = "";
        }
      }
      at += own;
    }
    return at;
  };
  const paint: Canvas["paint"] = (area, character, style) => {
    for (let y = Math.max(0, area.y); y < Math.min(height, area.y + area.height); y += 1)
      for (let x = Math.max(0, area.x); x < Math.min(width, area.x + area.width); x += 1)
        set(y * width + x, character, style);
  };
  return {
    width,
    height,
    text,
    paint,
    spans(x, y, spans, limit, style = "plain") {
      let at = x;
      const end = x + limit;
      for (const span of spans) {
        if (at >= end) break;
        at = text(at, y, span.text, span.style, end - at);
      }
      if (at < end) paint({ x: at, y, width: end - at, height: 1 }, " ", style);
    },
    restyle(area, style) {
      for (let y = Math.max(0, area.y); y < Math.min(height, area.y + area.height); y += 1)
        for (let x = Math.max(0, area.x); x < Math.min(width, area.x + area.width); x += 1)
          styles[y * width + x] = style;
    },
    cursor(x, y) {
      cursor = { x: Math.min(x, width - 1), y };
    },
    frame: () => ({ width, height, characters, styles, cursor }),
  };
}

/** The rows as text, without blanks at their ends: for tests and for documents. */
export function frameText(frame: Frame): readonly string[] {
  return Array.from({ length: frame.height }, (_, y) =>
    frame.characters
      .slice(y * frame.width, (y + 1) * frame.width)
      .join("")
      .trimEnd(),
  );
}
