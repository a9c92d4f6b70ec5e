import type { Cell, Row } from "./grid.js";

/** Rows that have left the screen over its top, those on it, and where on it the cursor stands. */
export interface Paper {
  readonly history: readonly Row[];
  readonly visible: readonly Row[];
  readonly cursor: { readonly x: number; readonly y: number };
}

/** As xterm and the Linux console do it: rows are cut, and the screen moves up only as far as the cursor needs. */
export function resizeCutting(paper: Paper, columns: number, rows: number): Paper {
  const { history, visible, cursor } = paper;
  const up = Math.max(0, cursor.y - rows + 1);
  return {
    history: [...history, ...visible.slice(0, up)],
    visible: visible.slice(up, up + rows),
    cursor: { x: Math.min(cursor.x, columns - 1), y: cursor.y - up },
  };
}

/**
 * As tmux does it (`screen_resize_cursor`): a lower screen first loses what is below the cursor, a higher one takes rows back from the history;
 * then every line is wrapped anew, and the last rows of all are the screen. A cursor that went into the history by that stands in the corner.
 */
export function resizeWrapping(paper: Paper, columns: number, rows: number): Paper {
  const { history, visible, cursor } = withRows(paper, rows);
  const all = [...history, ...visible];
  const wanted = history.length + cursor.y;
  const anew: Row[] = [];
  let at = { x: 0, y: 0 };
  for (let first = 0; first < all.length;) {
    let last = first;
    while (all[last]?.wrapped === true && last + 1 < all.length) last += 1;
    const cells: Cell[] = [];
    let offset: number | null = null;
    for (let index = first; index <= last; index += 1) {
      const used = usedOf(all[index]);
      if (index === wanted) offset = cells.length + Math.min(cursor.x, used.length);
      cells.push(...used);
    }
    const start = anew.length;
    do anew.push({ cells: cells.splice(0, columns), wrapped: cells.length > 0 });
    while (cells.length > 0);
    if (offset !== null) {
      const y = Math.min(Math.floor(offset / columns), anew.length - 1 - start);
      at = { x: Math.min(offset - y * columns, columns - 1), y: start + y };
    }
    first = last + 1;
  }
  const gone = Math.max(0, anew.length - rows);
  return {
    history: anew.slice(0, gone),
    visible: anew.slice(gone),
    cursor: at.y < gone ? { x: 0, y: 0 } : { x: at.x, y: at.y - gone },
  };
}

function withRows({ history, visible, cursor }: Paper, rows: number): Paper {
  const lost = visible.length - rows;
  if (lost < 0) {
    const back = Math.min(-lost, history.length);
    return {
      history: history.slice(0, history.length - back),
      visible: [...history.slice(history.length - back), ...visible],
      cursor: { x: cursor.x, y: cursor.y + back },
    };
  }
  const below = Math.min(lost, visible.length - 1 - cursor.y);
  const up = lost - below;
  return {
    history: [...history, ...visible.slice(0, up)],
    visible: visible.slice(up, visible.length - below),
    cursor: { x: cursor.x, y: cursor.y - up },
  };
}

/** Without the places at its end in which nothing was written. */
function usedOf(row: Row | undefined): readonly Cell[] {
  const cells = row?.cells ?? [];
  return cells.slice(0, cells.findLastIndex(({ used }) => used) + 1);
}
