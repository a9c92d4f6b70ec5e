const UNITS = ["B", "KB", "MB", "GB", "TB"];

/** "14.3 MB": by 1024, as ps(1) and top(1) count; one decimal below 100 unless it is whole. */
export function formatBytes(bytes: number): string {
  let amount = Math.max(0, bytes);
  let unit = 0;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  const text = amount >= 100 || Number.isInteger(amount) ? amount.toFixed(0) : amount.toFixed(1);
  return `${text} ${UNITS[unit]}`;
}

/** "12.5 %". */
export function formatPercent(percent: number): string {
  return `${percent >= 100 ? percent.toFixed(0) : percent.toFixed(1)} %`;
}

/** Blanks between a number and its unit, or its name. */
const TOGETHER =
  /(?<=\d) (?=(?:[KMGT]?B|ms|s|min|h|d|%)(?![\w]))|(?<=(?:pid|fd|group|byte|inode)) (?=\d)/g;

/** Words of `text` behind `prefix`, in lines of at most `columns` characters as far as words allow; later lines begin where the text does. */
export function hang(prefix: string, text: string, columns: number): string {
  const margin = " ".repeat(prefix.length);
  const lines: string[] = [];
  let line = prefix;
  let empty = true;
  for (const word of text.replaceAll(TOGETHER, "\u00a0").split(" ")) {
    if (!empty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = margin;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  lines.push(line);
  return lines.map((one) => `${one.replaceAll("\u00a0", " ").trimEnd()}\n`).join("");
}
