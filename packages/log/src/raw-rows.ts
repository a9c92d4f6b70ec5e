import type { RowFormat } from "./row-format.js";

const nothing = new Uint8Array(0);

/** The bytes of the lines and nothing else. */
export const rawRows: RowFormat = {
  put: (batch, _stamp, rows, full) => {
    let start = batch.start;
    for (let index = 0; index < batch.count; index += 1) {
      const end = batch.ends[index] ?? start;
      if (!rows.add(nothing, batch.bytes, start, end)) {
        full(batch.firstSeq + index - 1);
        rows.add(nothing, batch.bytes, start, end);
      }
      start = end + 1;
    }
    full(batch.firstSeq + batch.count - 1);
  },
  gap: () => null,
  mark: () => null,
};
