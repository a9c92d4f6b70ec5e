import { Box, Text } from "ink";
import type { ReactElement } from "react";
import { COLUMNS, type ScreenRow, type ScreenView, type Tone } from "./screen-view.js";

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
        {"  " + COLUMNS.map(({ title, width, right }) => fit(title, width, right)).join(" ")}
      </Text>
      {view.rows.map((row) => (
        <Row key={row.name} row={row} colour={colour} />
      ))}
      {view.more === null ? null : <Text wrap="truncate">{view.more}</Text>}
      <Text wrap="truncate" bold={colour}>
        {view.now}
      </Text>
      <Text wrap="truncate" dimColor={colour}>
        {view.keys}
      </Text>
    </Box>
  );
}

function Row({ row, colour }: { readonly row: ScreenRow; readonly colour: boolean }): ReactElement {
  return (
    <Text wrap="truncate" inverse={colour && row.selected}>
      {row.selected ? "> " : "  "}
      {COLUMNS.map(({ title, width, right }, index) => {
        const text = fit(row.cells[index] ?? "", width, right) + " ";
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

function fit(text: string, width: number, right: boolean): string {
  const cut = text.slice(0, width);
  return right ? cut.padStart(width) : cut.padEnd(width);
}
