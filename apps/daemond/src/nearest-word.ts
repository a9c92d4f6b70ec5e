/** Two slips at most: beyond that it is another word. */
const MOST_SLIPS = 2;

/** The word that was probably meant; null: none is near enough. */
export function nearestWord(found: string, words: readonly string[]): string | null {
  const [nearest] = words
    .map((word) => ({ word, slips: slipsBetween(found.toLowerCase(), word) }))
    .filter(({ word, slips }) => slips <= MOST_SLIPS && slips < word.length)
    .toSorted((one, other) => one.slips - other.slips);
  return nearest?.word ?? null;
}

/** Letters that are missing, too many, wrong or exchanged with their neighbour (optimal string alignment). */
function slipsBetween(one: string, other: string): number {
  // Longer words can't be near, and their table would grow with the square of their length.
  if (Math.abs(one.length - other.length) > MOST_SLIPS) return MOST_SLIPS + 1;
  const rows = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= one.length; row += 1) {
    const above = rows[row - 1] ?? [];
    const line = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1];
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      line.push(
        Math.min(
          at(above, column) + 1,
          at(line, column - 1) + 1,
          at(above, column - 1) + (same ? 0 : 1),
          row > 1 && column > 1 && swapped ? at(rows[row - 2] ?? [], column - 2) + 1 : Infinity,
        ),
      );
    }
    rows.push(line);
  }
  return at(rows.at(-1) ?? [], other.length);
}

function at(line: readonly number[], column: number): number {
  return line[column] ?? Infinity;
}
