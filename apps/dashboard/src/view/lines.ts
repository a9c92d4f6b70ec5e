import { padEnd, widthOf, wrap } from "../text/width.js";
import type { Span, Style } from "./frame.js";

/** One row of a tab. */
export type Line = readonly Span[];

/** A label and its value, which goes on below itself where it is long. */
export function field(label: string, value: string, width: number, style: Style = "plain"): Line[] {
  const indent = 12;
  const rows = rowsOf(value, Math.max(10, width - indent));
  return rows.map((row, index) => [
    { text: padEnd(index === 0 ? label : "", indent), style: "dim" },
    { text: row, style },
  ]);
}

export function line(text: string, style: Style = "plain"): Line {
  return [{ text, style }];
}

/** A text that goes on in the next rows, word by word where a row has room for that. */
export function paragraph(text: string, width: number, style: Style = "plain"): Line[] {
  return rowsOf(text, width).map((one) => line(one, style));
}

function rowsOf(text: string, width: number): readonly string[] {
  const rows: string[] = [];
  let row = "";
  for (const word of text.split(" ")) {
    if (row !== "" && widthOf(row) + 1 + widthOf(word) > width) {
      rows.push(row);
      row = word;
    } else row = row === "" ? word : `${row} ${word}`;
  }
  rows.push(row);
  return rows.flatMap((one) => wrap(one, width));
}
