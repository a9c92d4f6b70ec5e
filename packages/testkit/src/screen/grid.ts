/** One place on the screen: its character (empty behind a wide one) and the parameters of SGR that were in force. */
export interface Cell {
  character: string;
  style: string;
}

/** Rows of cells with the operations of a terminal; columns and rows count from 0. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  at(x: number, y: number): Cell;
  put(x: number, y: number, character: string, style: string): void;
  /** Blanks from `from` up to but without `to`. */
  erase(y: number, from: number, to: number): void;
  /** Moves the rows from `top` to `bottom` (both with) up; negative: down. */
  scroll(top: number, bottom: number, by: number): void;
  /** Takes `count` cells out at x (positive), or puts blanks in (negative). */
  shift(x: number, y: number, count: number): void;
  /** Rows without the blanks at their ends. */
  lines(): readonly string[];
}

/** Blank, or with what another one holds in its upper left corner. */
export function createGrid(columns: number, rows: number, from?: Grid): Grid {
  const blank = (): Cell => ({ character: " ", style: "" });
  const cells: Cell[][] = Array.from({ length: rows }, (_, y) =>
    Array.from({ length: columns }, (_unused, x) =>
      from !== undefined && x < from.columns && y < from.rows ? { ...from.at(x, y) } : blank(),
    ),
  );
  const at = (x: number, y: number): Cell => cells[y]?.[x] ?? blank();
  const put: Grid["put"] = (x, y, character, style) => {
    const row = cells[y];
    if (row === undefined || x < 0 || x >= columns) return;
    // What is written over half of a wide character leaves a blank of the other half.
    if (at(x, y).character === "" && x > 0) row[x - 1] = blank();
    if (x + 1 < columns && at(x + 1, y).character === "") row[x + 1] = blank();
    row[x] = { character, style };
  };
  return {
    columns,
    rows,
    at,
    put,
    erase(y, first, to) {
      for (let x = Math.max(0, first); x < Math.min(columns, to); x += 1) put(x, y, " ", "");
    },
    scroll(top, bottom, by) {
      const blankRow = (): Cell[] => Array.from({ length: columns }, blank);
      for (let left = Math.min(Math.abs(by), bottom - top + 1); left > 0; left -= 1) {
        if (by > 0) {
          cells.splice(top, 1);
          cells.splice(bottom, 0, blankRow());
        } else {
          cells.splice(bottom, 1);
          cells.splice(top, 0, blankRow());
        }
      }
    },
    shift(x, y, count) {
      const row = cells[y];
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
    lines: () =>
      cells.map((row) =>
        row
          .map(({ character }) => character)
          .join("")
          .trimEnd(),
      ),
  };
}
