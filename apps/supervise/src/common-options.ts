import type { OptionSpec, OptionValues } from "./verb.js";

/** The options of every verb: which project it is about. They may stand before the verb too. */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  {
    long: "file",
    short: "f",
    value: "FILE",
    repeatable: true,
    help: "configuration file; several are merged in order (supervise.yaml, supervise.yml or Procfile here)",
  },
  {
    long: "project-name",
    short: "p",
    value: "NAME",
    repeatable: false,
    help: "name of the project (the configuration's `name`, else its directory's)",
  },
  {
    long: "profile",
    short: null,
    value: "PROFILE",
    repeatable: true,
    help: "take the services of this profile in too",
  },
  {
    long: "runtime-dir",
    short: null,
    value: "DIR",
    repeatable: false,
    help: "directory of the control socket, the pidfiles and the records (/run/supervise/NAME for root)",
  },
];

/** Of verbs that talk to a supervisor. */
export const SOCKET: OptionSpec = {
  long: "socket",
  short: null,
  value: "PATH",
  repeatable: false,
  help: "control socket of the supervisor (`control` in its runtime directory)",
};

/** Of verbs whose result a program might read. */
export const JSON_OUTPUT: OptionSpec = {
  long: "json",
  short: null,
  value: null,
  repeatable: false,
  help: "print JSON",
};

/** Of verbs that say what they have done. */
export const QUIET: OptionSpec = {
  long: "quiet",
  short: "q",
  value: null,
  repeatable: false,
  help: "print errors only",
};

/** Of every verb, and of none. */
export const HELP: OptionSpec = {
  long: "help",
  short: "h",
  value: null,
  repeatable: false,
  help: "say what it does",
};

/** Every option that the verb understands, its own first; a letter that it has taken for itself is not that of a common one too. */
export function optionsOf(verb: {
  readonly options: readonly OptionSpec[];
}): readonly OptionSpec[] {
  const taken = new Set(verb.options.map(({ short }) => short));
  const common = [...COMMON_OPTIONS, HELP].map((spec) =>
    spec.short !== null && taken.has(spec.short) ? { ...spec, short: null } : spec,
  );
  return [...verb.options, ...common];
}

/** The option's value; null: not given. */
export function optionText(options: OptionValues, long: string): string | null {
  const value = options[long];
  return typeof value === "string" ? value : null;
}

/** All values of a repeatable option, in order. */
export function optionList(options: OptionValues, long: string): readonly string[] {
  const value = options[long];
  return value === undefined || value === true ? [] : typeof value === "string" ? [value] : value;
}

export function optionGiven(options: OptionValues, long: string): boolean {
  return options[long] !== undefined;
}
