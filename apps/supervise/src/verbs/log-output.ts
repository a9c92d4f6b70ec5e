import type { LogReading, LogRow } from "@supervise/log";
import { optionGiven, optionText } from "../common-options.js";
import { CommandError, EXIT_USAGE } from "../verb.js";
import type { VerbContext } from "../verb.js";
import { bytesOf } from "./byte-text.js";
import { jsonRow } from "./log-json.js";
import type { LogPlaces } from "./log-places.js";
import { isRingRow } from "./log-ring.js";
import { createLogText } from "./log-text.js";

/** Rows on their way to stdout, as the options ask for them. */
export interface LogOutput {
  /** Shows those that are `chosen`. `runOf`: the run that a service's first row belongs to, where no row says it. */
  rows(
    rows: readonly LogRow[],
    chosen: (row: LogRow) => boolean,
    runOf: (service: string) => number | null,
  ): void;
  /** The newline that the last row still lacks. */
  end(): void;
}

/** Throws `CommandError` where an option's value cannot be. */
export function createOutput(
  { io, options }: VerbContext,
  { places }: LogPlaces,
  reading: LogReading,
): LogOutput {
  const json = optionGiven(options, "json");
  const numbers = new Map(places.map(({ name, number }) => [name, number]));
  const { environment, outIsTerminal } = io;
  const forced = (environment["FORCE_COLOR"] ?? "") !== "" && environment["FORCE_COLOR"] !== "0";
  const refused = (environment["NO_COLOR"] ?? "") !== "" || environment["TERM"] === "dumb";
  const text = createLogText({
    width: Math.max(0, ...places.map(({ name }) => name.length)),
    prefix: !optionGiven(options, "no-prefix"),
    terminal: outIsTerminal,
    colour: forced || (outIsTerminal && !refused),
    fold: foldOption(optionText(options, "fold"), outIsTerminal),
    timestamps: optionGiven(options, "timestamps"),
    numberOf: (service) => numbers.get(service) ?? 0,
    reading,
  });
  const runs = new Map<string, number>();
  const jsonOf = (row: LogRow, runOf: (service: string) => number | null): string => {
    const run = row.run ?? runs.get(row.service) ?? runOf(row.service);
    if (run !== null) runs.set(row.service, run);
    return `${jsonRow(row, run)}\n`;
  };
  return {
    rows: (rows, chosen, runOf) => {
      let waiting = "";
      for (const row of rows) {
        if (row.kind === "begin") {
          if (row.run !== null) runs.set(row.service, row.run);
          if (!json) waiting += text.begins(row.service);
        }
        if (!chosen(row)) continue;
        const skipped = isRingRow(row) ? row.line.skipped : undefined;
        if (json) waiting += jsonOf(row, runOf);
        else if (skipped === undefined) waiting += text.row(row);
        else {
          io.out(bytesOf(waiting + text.end()));
          io.err(`supervise: ${skipped} lines were not read in time and are left out here\n`);
          waiting = text.row(row);
        }
      }
      if (waiting !== "") io.out(json ? waiting : bytesOf(waiting));
    },
    end: () => {
      const newline = text.end();
      if (newline !== "") io.out(newline);
    },
  };
}

function foldOption(text: string | null, terminal: boolean): boolean {
  switch (text) {
    case null:
    case "auto":
      return terminal;
    case "always":
      return true;
    case "never":
      return false;
    default:
      throw new CommandError(
        `cannot use option "--fold": it must be one of always, never, auto, found "${text}"`,
        { exitCode: EXIT_USAGE },
      );
  }
}
