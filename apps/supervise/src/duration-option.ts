import { optionText } from "./common-options.js";
import { CommandError, EXIT_USAGE, type OptionValues } from "./verb.js";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
/** The longest delay of a timer of Node, in milliseconds; a longer one would end at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** The value of an option in milliseconds; null: not given. */
export function durationOption(options: OptionValues, long: string): number | null {
  const text = optionText(options, long);
  if (text === null) return null;
  const found = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)$/.exec(text);
  const unit = UNITS[found?.[2] ?? ""];
  if (found !== null && unit !== undefined) return Math.min(Number(found[1]) * unit, LONGEST_MS);
  throw new CommandError(
    `cannot use option "--${long}": it must be a duration such as 30s, found "${text}"`,
    { exitCode: EXIT_USAGE },
  );
}
