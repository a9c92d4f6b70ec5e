/** One place on the screen: its character (empty behind a wide one) and the parameters of SGR that were in force. */
export interface Cell {
  character: string;
  style: string;
  /** Something was written there since it was last erased. */
  used: boolean;
}

/** One row of the screen, or one that has left it. */
export interface Row {
  readonly cells: readonly Cell[];
  /** What was written went on in the next row by itself. */
  readonly wrapped: boolean;
}

/** Rows of cells with the operations of a terminal; columns and rows count from 0. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  at(x: number, y: number): Cell;
  row(y: number): Row;
  put(x: number, y: number, character: string, style: string): void;
  /** The row goes on in the next one. */
  wrap(y: number): void;
  /** Blanks from `from` up to but without `to`. */
  erase(y: number, from: number, to: number): void;
  /** Moves the rows from `top` to `bottom` (both with) up; negative: down. Returns those that left. */
  scroll(top: number, bottom: number, by: number): readonly Row[];
  /** Takes `count` cells out at x (positive), or puts blanks in (negative). */
  shift(x: number, y: number, count: number): void;
  /** Rows without the blanks at their ends. */
  lines(): readonly string[];
}

/** Blank, or with what these rows hold, from its upper left corner on. */
export function createGrid(columns: number, rows: number, from: readonly Row[] = []): Grid {
  const blank = (): Cell => ({ character: " ", style: "", used: false });
  const cells: { cells: Cell[]; wrapped: boolean }[] = Array.from({ length: rows }, (_, y) => ({
    cells: Array.from({ length: columns }, (_unused, x) => {
      const cell = from[y]?.cells[x];
      return cell === undefined ? blank() : { ...cell };
    }),
    wrapped: from[y]?.wrapped ?? false,
  }));
  const at = (x: number, y: number): Cell => cells[y]?.cells[x] ?? blank();
  const put: Grid["put"] = (x, y, character, style) => {
    const row = cells[y]?.cells;
    if (row === undefined || x < 0 || x >= columns) return;
    // What is written over half of a wide character leaves a blank of the other half.
    if (at(x, y).character === "" && x > 0) row[x - 1] = blank();
    if (x + 1 < columns && at(x + 1, y).character === "") row[x + 1] = blank();
    row[x] = { character, style, used: true };
  };
  return {
    columns,
    rows,
    at,
    row: (y) => cells[y] ?? { cells: [], wrapped: false },
    put,
    wrap(y) {
      const row = cells[y];
      if (row !== undefined) row.wrapped = true;
    },
    erase(y, first, to) {
      const row = cells[y];
      if (row === undefined) return;
      for (let x = Math.max(0, first); x < Math.min(columns, to); x += 1) {
        put(x, y, " ", "");
        row.cells[x] = blank();
      }
      if (to >= columns) row.wrapped = false;
    },
    scroll(top, bottom, by) {
      const gone: Row[] = [];
      for (let left = Math.min(Math.abs(by), bottom - top + 1); left > 0; left -= 1) {
        gone.push(...cells.splice(by > 0 ? top : bottom, 1));
        cells.splice(by > 0 ? bottom : top, 0, {
          cells: Array.from({ length: columns }, blank),
          wrapped: false,
        });
      }
      return gone;
    },
    shift(x, y, count) {
      const row = cells[y]?.cells;
      if (row === undefined) return;
      const blanks = Array.from({ length: Math.min(Math.abs(count), columns - x) }, blank);
      if (count > 0) {
        row.splice(x, blanks.length);
        row.push(...blanks);
      } else {
        row.splice(x, 0, ...blanks);
        row.length = columns;
      }
    },
    lines: () => cells.map(textOf),
  };
}

/** What stands in it, without the blanks at its end. */
export function textOf({ cells }: Row): string {
  return cells
    .map(({ character }) => character)
    .join("")
    .trimEnd();
}
