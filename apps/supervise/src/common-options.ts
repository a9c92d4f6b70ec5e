import type { OptionSpec, OptionValues } from "./verb.js";

/** The options of every verb. */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  { long: "file", short: "f", value: "FILE", repeatable: true, help: "configuration file; several are merged in order (supervise.yaml, supervise.yml or Procfile here)" },
  { long: "project-name", short: "p", value: "NAME", repeatable: false, help: "name of the project (the configuration's `name`, else its directory's)" },
  { long: "profile", short: null, value: "PROFILE", repeatable: true, help: "run the services of this profile too" },
  { long: "runtime-dir", short: null, value: "DIR", repeatable: false, help: "directory for the control socket, pidfiles and records (/run/supervise/NAME)" },
  { long: "socket", short: null, value: "PATH", repeatable: false, help: "control socket of the supervisor to talk to" },
  { long: "json", short: null, value: null, repeatable: false, help: "print JSON" },
  { long: "quiet", short: "q", value: null, repeatable: false, help: "print errors only" },
];

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
