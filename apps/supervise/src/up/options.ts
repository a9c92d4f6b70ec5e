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
  {
    long: "fresh",
    short: null,
    value: null,
    repeatable: false,
    help: "stop what an earlier supervisor left running, instead of taking it over, and start everything anew",
  },
  {
    long: "exit-with",
    short: null,
    value: "SERVICE|first-failure|all|never",
    repeatable: false,
    help: "whose end ends everything, and gives the exit code (all; with --detach never)",
  },
  {
    long: "grace",
    short: null,
    value: "DURATION",
    repeatable: false,
    help: "longest that a stop of everything may take before what is left is killed",
  },
  {
    long: "hang-after",
    short: null,
    value: "DURATION",
    repeatable: false,
    help: "under supervise-init: a supervisor that is silent for so long is ended and started anew (30s; 0s: never)",
  },
  {
    long: "termination-log",
    short: null,
    value: "PATH",
    repeatable: false,
    help: "file for the reason of the end (/dev/termination-log where that is there, as PID 1 or under a keeper)",
  },
  {
    long: "health-listen",
    short: null,
    value: "[HOST:]PORT",
    repeatable: false,
    help: "serve GET /v1/health and GET /metrics over TCP too (on 127.0.0.1)",
  },
  {
    long: "plain",
    short: null,
    value: null,
    repeatable: false,
    help: "only lines, also at a terminal: no table of services, no keys",
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
