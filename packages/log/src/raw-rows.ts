import type { RowFormat } from "./row-format.js";

const nothing = new Uint8Array(0);

/** The bytes of the lines and nothing else: they are written from where they lie. */
export const rawRows: RowFormat = {
  put: ({ bytes, start, ends, count, firstSeq, partial }, _stamp, rows, full) => {
    const end = ends[count - 1] ?? start;
    if (!partial) return full(firstSeq + count - 1, bytes, start, end + 1);
    rows.add(nothing, bytes, start, end);
    full(firstSeq, rows.bytes, 0, rows.used);
  },
  gap: () => null,
  mark: () => null,
};
