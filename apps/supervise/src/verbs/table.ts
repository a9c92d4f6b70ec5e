/** Rows under headings, each column as wide as its widest cell; the last one is cut where the terminal ends. Null: no limit. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[], columns: number | null): string {
  const widths = headings.map((heading, index) => Math.max(heading.length, ...rows.map((row) => (row[index] ?? "").length)));
  const line = (cells: readonly string[]): string => {
    const text = cells.map((cell, index) => (index === cells.length - 1 ? cell : cell.padEnd(widths[index] ?? 0))).join("  ");
    return columns !== null && text.length > columns ? `${text.slice(0, Math.max(0, columns - 1))}…` : text;
  };
  return `${[headings, ...rows].map(line).join("\n")}\n`;
}

/** Text from services at a terminal: control characters would be commands to it. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what is taken out
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "\u{fffd}");
}
