/** A line of a text that was changed: there in both, only before, or only after. */
export interface LineChange {
  readonly kind: "same" | "gone" | "new";
  /** Of the text after, for a line that is gone of the text before; from 1. */
  readonly number: number;
  readonly text: string;
}

/** Lines of context around a change. */
const CONTEXT = 2;
/** A table of more cells than that is not made: all lines between the first and the last change are then told as gone and new. */
const MOST_CELLS = 1_000_000;

/** What is different between two texts, line by line, with a little of what stands around it; empty: nothing. */
export function lineChanges(before: string, after: string): readonly LineChange[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  if (head === old.length && head === now.length) return [];
  let tail = 0;
  const most = Math.min(old.length, now.length) - head;
  while (tail < most && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const middle = compare(
    old.slice(head, old.length - tail),
    now.slice(head, now.length - tail),
    head,
  );
  const same = (from: number, to: number): readonly LineChange[] =>
    now.slice(from, to).map((text, at) => ({ kind: "same", number: from + at + 1, text }));
  const end = now.length - tail;
  return [
    ...same(Math.max(0, head - CONTEXT), head),
    ...middle,
    ...same(end, Math.min(now.length, end + CONTEXT)),
  ];
}

/** The longest common subsequence of lines, by the table of lengths. `offset`: lines before both. */
function compare(
  old: readonly string[],
  now: readonly string[],
  offset: number,
): readonly LineChange[] {
  const [rows, columns] = [old.length + 1, now.length + 1];
  const whole = rows * columns > MOST_CELLS;
  const lengths = new Uint32Array(whole ? 0 : rows * columns);
  for (let row = whole ? -1 : old.length - 1; row >= 0; row -= 1)
    for (let column = now.length - 1; column >= 0; column -= 1)
      lengths[row * columns + column] =
        old[row] === now[column]
          ? (lengths[(row + 1) * columns + column + 1] ?? 0) + 1
          : Math.max(
              lengths[(row + 1) * columns + column] ?? 0,
              lengths[row * columns + column + 1] ?? 0,
            );
  const found: LineChange[] = [];
  let [row, column] = [0, 0];
  while (row < old.length || column < now.length) {
    const [gone, made] = [old[row], now[column]];
    if (!whole && gone !== undefined && gone === made) {
      found.push({ kind: "same", number: offset + column + 1, text: gone });
      row += 1;
      column += 1;
      continue;
    }
    const down = lengths[(row + 1) * columns + column] ?? 0;
    const right = lengths[row * columns + column + 1] ?? 0;
    if (gone !== undefined && (made === undefined || whole || down >= right)) {
      found.push({ kind: "gone", number: offset + row + 1, text: gone });
      row += 1;
    } else {
      found.push({ kind: "new", number: offset + column + 1, text: made ?? "" });
      column += 1;
    }
  }
  return found;
}
