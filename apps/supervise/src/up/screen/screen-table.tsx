import { Box, Text } from "ink";
import type { ReactElement } from "react";
import { type Column, type ScreenRow, type ScreenView, type Tone } from "./screen-view.js";

const COLOURS: Readonly<Record<Tone, string | undefined>> = {
  good: "green",
  busy: "yellow",
  bad: "red",
  quiet: undefined,
};

/** Where what stands in a column is told by its colour too. */
const COLOURED = new Set(["STATE", "HEALTH"]);

export interface TableProps {
  readonly view: ScreenView;
  readonly columns: number;
  readonly colour: boolean;
}

/** The live table and the two lines below it. Lines are cut, never wrapped. */
export function ScreenTable({ view, columns, colour }: TableProps): ReactElement {
  return (
    <Box flexDirection="column" width={columns}>
      <Text wrap="truncate" dimColor={colour}>
        {"  " + view.columns.map((column) => fit(column.title, column)).join(" ")}
      </Text>
      {view.rows.map((row) => (
        <Row key={row.name} row={row} columns={view.columns} colour={colour} />
      ))}
      {view.more === null ? null : <Text wrap="truncate">{view.more}</Text>}
      {view.now.map((line, index) => (
        <Text key={index} wrap="truncate" bold={colour}>
          {line}
        </Text>
      ))}
      <Text wrap="truncate" dimColor={colour}>
        {view.keys}
      </Text>
    </Box>
  );
}

interface RowProps {
  readonly row: ScreenRow;
  readonly columns: readonly Column[];
  readonly colour: boolean;
}

function Row({ row, columns, colour }: RowProps): ReactElement {
  return (
    <Text wrap="truncate" inverse={colour && row.selected}>
      {row.selected ? "> " : "  "}
      {columns.map((column, index) => {
        const { title } = column;
        const text = fit(row.cells[index] ?? "", column) + (title === LAST ? "" : " ");
        const own = colour && COLOURED.has(title) ? COLOURS[row.tone] : undefined;
        return (
          <Text key={title} {...(own === undefined ? {} : { color: own })}>
            {text}
          </Text>
        );
      })}
    </Text>
  );
}

/** This column is not filled up: blanks at the end of a row would be a part of it when the terminal becomes narrower. */
const LAST = "WHY";

function fit(text: string, { title, width, right }: Column): string {
  const cut = text.slice(0, width);
  if (title === LAST) return cut;
  return right ? cut.padStart(width) : cut.padEnd(width);
}
