const newline = 10;

/** What another process has written of the rows that come next, and before them of its own: gaps, marks that had waited. */
export class RowsThere {
  #left: Buffer | null;
  /** Of a row of its own that it was killed in; such a one will be written anew. */
  tornBytes = 0;

  constructor(bytes: Buffer) {
    this.#left = bytes;
  }

  /** True: nothing of what comes next is there. */
  get done(): boolean {
    return this.#left === null;
  }

  /** How many bytes of these rows are there. */
  lengthOf(rows: Buffer): number {
    for (let left = this.#left; left !== null;) {
      const length = Math.min(rows.length, left.length);
      if (rows.subarray(0, length).equals(left.subarray(0, length))) {
        this.#left = left.length > length ? left.subarray(length) : null;
        return length;
      }
      const next = left.indexOf(newline) + 1;
      if (next === 0) this.tornBytes = left.length;
      left = next === 0 || next === left.length ? null : left.subarray(next);
    }
    this.#left = null;
    return 0;
  }
}

/** Rows that end between these places. */
export function rowsIn(bytes: Buffer, start: number, end: number): number {
  let rows = 0;
  for (let at = start; at < end; at = bytes.indexOf(newline, at) + 1) rows += 1;
  return rows;
}

/** End of the rows from `start` on for which there is room; `start` itself: for none. A row larger than a whole file gets its own. */
export function rowsThatFit(
  bytes: Buffer,
  start: number,
  end: number,
  room: number,
  empty: boolean,
): number {
  if (end - start <= room) return end;
  const last = room > 0 ? bytes.lastIndexOf(newline, start + room - 1) : -1;
  if (last >= start) return last + 1;
  return empty ? bytes.indexOf(newline, start) + 1 : start;
}
