import { columnsOf } from "./columns-of.js";
import { createGrid, textOf } from "./grid.js";
import type { Grid, Row } from "./grid.js";
import { resizeCutting, resizeWrapping } from "./resize.js";

/** What a terminal does with its rows when its size changes: cuts them as xterm does, or wraps them anew as tmux does. */
export type Resizing = "cuts" | "wraps";

/** A terminal of the xterm kind, as far as full-screen programs use it: what stands on its screen after all that was written. */
export interface ScreenModel {
  write(text: string): void;
  resize(columns: number, rows: number): void;
  /** The visible rows, without the blanks at their ends. */
  lines(): readonly string[];
  /** All lines that left the screen over its top, and those on it; what the terminal has wrapped is one line. */
  scrollback(): readonly string[];
  /** What stands there; empty: the second half of a wide character. */
  characterAt(x: number, y: number): string;
  /** Parameters of SGR ("1;31") that the character there was written with; empty: none. */
  styleAt(x: number, y: number): string;
  readonly cursor: { readonly x: number; readonly y: number; readonly visible: boolean };
  /** The second screen is shown, so that the first stays as it was. */
  readonly alternate: boolean;
  /** Private modes that are set, by their numbers: mouse 1000 and 1006, pasted text in brackets 2004. */
  readonly modes: ReadonlySet<string>;
  /** Every text that was put on the clipboard by OSC 52. */
  readonly clipboard: readonly string[];
  /** Sequences that this model does not know, and control characters that a screen does not show. */
  readonly unknown: readonly string[];
}

const SEQUENCE =
  /^(?:\u001b\[([?>=!]?)([\d;]*)([ "'$]?)([@-~])|\u001b\]([^\u0007\u001b]*)(?:\u0007|\u001b\\)|\u001bP[^\u001b]*\u001b\\|\u001b([()*+#])(.)|\u001b([0-OQ-Z\\^-~]))/u;
/** A sequence whose end is still to come. */
const BEGUN =
  /^\u001b(?:\[[?>=!]?[\d;]*[ "'$]?|\][^\u0007\u001b]*\u001b?|P[^\u001b]*\u001b?|[()*+#])?$/u;

/** An empty screen. */
export function createScreenModel(
  columns: number,
  rows: number,
  resizing: Resizing = "cuts",
): ScreenModel {
  const screens = { main: createGrid(columns, rows), other: createGrid(columns, rows) };
  let grid: Grid = screens.main;
  let history: Row[] = [];
  let alternate = false;
  let [x, y, style] = [0, 0, ""];
  let wrapNext = false;
  let saved = { x: 0, y: 0, style: "" };
  /** The cursor of the first screen, while the second one is shown. */
  let first = saved;
  let [top, bottom] = [0, rows - 1];
  let waiting = "";
  const modes = new Set<string>(["25", "7"]);
  const clipboard: string[] = [];
  const unknown: string[] = [];

  const go = (toX: number, toY: number): void => {
    x = Math.max(0, Math.min(grid.columns - 1, toX));
    y = Math.max(0, Math.min(grid.rows - 1, toY));
    wrapNext = false;
  };
  const scrollUp = (by: number): void => {
    const gone = grid.scroll(top, bottom, by);
    if (top === 0 && !alternate) history.push(...gone);
  };
  const lineFeed = (): void => {
    wrapNext = false;
    if (y === bottom) scrollUp(1);
    else y = Math.min(grid.rows - 1, y + 1);
  };
  const print = (character: string): void => {
    const width = columnsOf(character);
    if (width === 0) {
      const before = Math.max(0, wrapNext ? x : x - 1);
      const cell = grid.at(before, y);
      if (cell.character !== "") grid.put(before, y, cell.character + character, cell.style);
      return;
    }
    if (wrapNext || x + width > grid.columns) {
      if (modes.has("7")) {
        grid.wrap(y);
        x = 0;
        lineFeed();
      } else x = Math.max(0, grid.columns - width);
    }
    grid.put(x, y, character, style);
    if (width === 2) grid.put(x + 1, y, "", style);
    if (x + width >= grid.columns) wrapNext = true;
    else x += width;
  };
  const control = (character: string): void => {
    if (character === "\n") lineFeed();
    else if (character === "\r") go(0, y);
    else if (character === "\b") go(x - 1, y);
    else if (character === "\t") go((Math.floor(x / 8) + 1) * 8, y);
    else if (!"\u0007\u000f".includes(character)) unknown.push(JSON.stringify(character));
  };
  const setMode = (mode: string, on: boolean): void => {
    if (on) modes.add(mode);
    else modes.delete(mode);
    if (!["47", "1047", "1049"].includes(mode) || alternate === on) return;
    alternate = on;
    if (mode === "1049" && on) first = { x, y, style };
    grid = on ? screens.other : screens.main;
    if (on) for (let row = 0; row < grid.rows; row += 1) grid.erase(row, 0, grid.columns);
    else if (mode === "1049") {
      ({ x, y, style } = first);
      wrapNext = false;
    }
  };
  const erase = (final: string, how: number): void => {
    const [from, to] = how === 0 ? [x, grid.columns] : how === 1 ? [0, x + 1] : [0, grid.columns];
    // tmux keeps what is erased from the corner on.
    if (final === "J" && how === 0 && x === 0 && y === 0 && resizing === "wraps" && !alternate) {
      const used = rowsOf(grid).findLastIndex((row) => textOf(row) !== "");
      history.push(...grid.scroll(0, grid.rows - 1, used + 1));
    }
    grid.erase(y, from, to);
    if (final === "K") return;
    for (let row = 0; row < grid.rows; row += 1)
      if (how > 1 || (how === 0 ? row > y : row < y)) grid.erase(row, 0, grid.columns);
  };
  const csi = (marker: string, text: string, final: string, whole: string): void => {
    const numbers = text.split(";").map(Number);
    const n = Math.max(1, numbers[0] ?? 1);
    if (marker === "?" && (final === "h" || final === "l")) {
      for (const mode of text.split(";")) setMode(mode, final === "h");
      return;
    }
    if (marker !== "") {
      if (marker !== ">" || final !== "c") unknown.push(JSON.stringify(whole));
      return;
    }
    switch (final) {
      case "H":
      case "f":
        return go((numbers[1] || 1) - 1, n - 1);
      case "A":
        return go(x, y - n);
      case "B":
        return go(x, y + n);
      case "C":
        return go(x + n, y);
      case "D":
        return go(x - n, y);
      case "G":
        return go(n - 1, y);
      case "d":
        return go(x, n - 1);
      case "J":
      case "K":
        return erase(final, numbers[0] ?? 0);
      case "X":
        return grid.erase(y, x, x + n);
      case "P":
        return grid.shift(x, y, n);
      case "@":
        return grid.shift(x, y, -n);
      case "L":
        return void grid.scroll(y, bottom, -n);
      case "M":
        return void grid.scroll(y, bottom, n);
      case "S":
        return scrollUp(n);
      case "T":
        return void grid.scroll(top, bottom, -n);
      case "r":
        top = n - 1;
        bottom = Math.min(grid.rows, numbers[1] || grid.rows) - 1;
        return go(0, 0);
      case "m":
        style = text === "" || text === "0" ? "" : style === "" ? text : `${style};${text}`;
        return;
      case "s":
        saved = { x, y, style };
        return;
      case "u":
        ({ x, y, style } = saved);
        return;
      case "l":
      case "h":
        return;
      default:
        unknown.push(JSON.stringify(whole));
    }
  };
  const escape = (final: string, whole: string): void => {
    if (final === "7") saved = { x, y, style };
    else if (final === "8") {
      ({ x, y, style } = saved);
      wrapNext = false;
    } else if (final === "M") {
      if (y === top) grid.scroll(top, bottom, -1);
      else go(x, y - 1);
    } else if (final === "D") lineFeed();
    else if (!"=>c".includes(final)) unknown.push(JSON.stringify(whole));
  };
  const osc = (text: string): void => {
    const copied = /^52;[^;]*;(.*)$/s.exec(text)?.[1];
    if (copied !== undefined) clipboard.push(Buffer.from(copied, "base64").toString("utf8"));
  };

  return {
    write(text) {
      waiting += text;
      while (waiting !== "") {
        if (!waiting.startsWith("\u001b")) {
          const character = String.fromCodePoint(waiting.codePointAt(0) ?? 0);
          if (character < " " || character === "\u007f") control(character);
          else print(character);
          waiting = waiting.slice(character.length);
          continue;
        }
        const found = SEQUENCE.exec(waiting);
        if (found === null) {
          if (BEGUN.test(waiting)) return;
          unknown.push(JSON.stringify(waiting.slice(0, 8)));
          waiting = waiting.slice(1);
          continue;
        }
        const [whole, marker = "", numbers = "", , final, command, charset, set, single] = found;
        if (final !== undefined) csi(marker, numbers, final, whole);
        else if (command !== undefined) osc(command);
        // Line drawing by another character set would show as letters here, as it does in some terminals.
        else if (charset === "(" && set === "0") unknown.push(JSON.stringify(whole));
        else if (single !== undefined) escape(single, whole);
        waiting = waiting.slice(whole.length);
      }
    },
    resize(newColumns, newRows) {
      const paper = {
        history,
        visible: rowsOf(screens.main),
        cursor: alternate ? first : { x, y },
      };
      const resize = resizing === "wraps" ? resizeWrapping : resizeCutting;
      const after = resize(paper, newColumns, newRows);
      history = [...after.history];
      screens.main = createGrid(newColumns, newRows, after.visible);
      screens.other = createGrid(newColumns, newRows, rowsOf(screens.other));
      grid = alternate ? screens.other : screens.main;
      [top, bottom] = [0, newRows - 1];
      if (alternate) first = { ...first, ...after.cursor };
      else go(after.cursor.x, after.cursor.y);
      if (alternate) go(x, y);
    },
    scrollback() {
      const lines: string[] = [];
      let before = "";
      for (const row of [...history, ...rowsOf(screens.main)]) {
        // What goes on keeps the blanks that were written at the end of its row.
        if (row.wrapped) before += row.cells.map(({ character }) => character).join("");
        else {
          lines.push(before + textOf(row));
          before = "";
        }
      }
      return lines;
    },
    lines: () => grid.lines(),
    characterAt: (atX, atY) => grid.at(atX, atY).character,
    styleAt: (atX, atY) => grid.at(atX, atY).style,
    get cursor() {
      return { x, y, visible: modes.has("25") };
    },
    get alternate() {
      return alternate;
    },
    modes,
    clipboard,
    unknown,
  };
}

function rowsOf(grid: Grid): readonly Row[] {
  return Array.from({ length: grid.rows }, (_, y) => grid.row(y));
}
