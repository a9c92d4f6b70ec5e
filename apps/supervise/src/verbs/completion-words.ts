import { COMMON_OPTIONS } from "../common-options.js";
import type { OptionSpec, Verb } from "../verb.js";

/** What may stand at a place: files, directories, these words, names of services, or nothing that is known. */
export type Completion =
  | { readonly kind: "files" | "directories" | "services" | "nothing" }
  | { readonly kind: "words"; readonly words: readonly string[] };

/** By the name that help gives the value: FILE and PATH, DIR, or the words themselves ("up|ready"), among which one in capitals stands for any. */
export function valueCompletion({ value }: OptionSpec): Completion {
  if (value === "FILE" || value === "PATH") return { kind: "files" };
  if (value === "DIR") return { kind: "directories" };
  return value?.includes("|") === true
    ? { kind: "words", words: value.split("|").filter((word) => !/^[A-Z]+$/.test(word)) }
    : { kind: "nothing" };
}

/** Of the words that are no options. */
export function wordCompletion({ usage }: Verb): Completion {
  if (/\bNAME\b/.test(usage)) return { kind: "services" };
  return usage.includes("|") ? { kind: "words", words: usage.split("|") } : { kind: "nothing" };
}

/** Options that say which project is meant, and so are passed on when names are asked for. */
export const PROJECT_OPTIONS: readonly OptionSpec[] = COMMON_OPTIONS.filter(
  ({ value }) => value !== null,
);

/**
 * Names of services for `verb`, as a command line: those that the supervisor has; for `up`, and where none runs, those that the
 * configuration has. `options` is put in as it stands.
 */
export function namesCommand(options: string): string {
  const passed = options === "" ? "" : ` ${options}`;
  return `supervise status --names${passed} 2>/dev/null || supervise graph --names${passed} 2>/dev/null`;
}
