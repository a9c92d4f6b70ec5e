/** Rows under headings, each column as wide as its widest cell; a row is cut where the terminal ends. Null: no limit. */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number | null,
): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, index) =>
    Math.max(...all.map((row) => (row[index] ?? "").length)),
  );
  const line = (cells: readonly string[]): string => {
    const last = cells.length - 1;
    const padded = cells.map((cell, at) => (at === last ? cell : cell.padEnd(widths[at] ?? 0)));
    return cutToColumns(padded.join("  "), columns);
  };
  return `${all.map(line).join("\n")}\n`;
}

/** The text where it fits, else its beginning and "…". Null: no limit. */
export function cutToColumns(text: string, columns: number | null): string {
  if (columns === null || text.length <= columns) return text;
  const characters = Array.from(text);
  if (characters.length <= columns) return text;
  return `${characters.slice(0, Math.max(0, columns - 1)).join("")}…`;
}

/** Text from services, as one line: control characters would be commands to a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "\u{fffd}");
}
