import { optionsOf, QUIET } from "../common-options.js";
import type { OptionSpec, OptionValues, VerbContext } from "../verb.js";

/** Of `up`, besides those of every verb. */
export const UP_OPTIONS: readonly OptionSpec[] = [
  {
    long: "detach",
    short: "d",
    value: null,
    repeatable: false,
    help: "go to the background; returns when all is up, or says what failed",
  },
  QUIET,
];

/** The words that make these options and names, with all that stood before the verb behind it. `leave`: long names that are left out. */
export function upWords(
  { options, words }: Pick<VerbContext, "options" | "words">,
  leave: readonly string[] = [],
): readonly string[] {
  const named = optionsOf({ options: UP_OPTIONS })
    .filter(({ long }) => !leave.includes(long))
    .flatMap((spec) => optionWords(spec, options[spec.long]));
  return [...named, ...(words.length > 0 ? ["--", ...words] : [])];
}

/** One option as often as it was given. */
export function optionWords(spec: OptionSpec, value: OptionValues[string]): readonly string[] {
  const name = `--${spec.long}`;
  if (value === undefined) return [];
  const values = typeof value === "object" ? value : [value];
  return values.flatMap((one) => (spec.value === null || one === true ? [name] : [name, one]));
}
