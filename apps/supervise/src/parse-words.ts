import { suggest } from "@supervise/config";
import { CommandError, EXIT_USAGE, type OptionSpec, type OptionValues } from "./verb.js";

export interface ParsedWords {
  readonly options: OptionValues;
  readonly words: readonly string[];
  /** Behind `--`; null: there was none. */
  readonly rest: readonly string[] | null;
}

/** Throws `CommandError` with the exit code for wrong usage, and a suggestion where a word looks misspelt. */
export function parseWords(words: readonly string[], specs: readonly OptionSpec[], verb: string): ParsedWords {
  const options: Record<string, string | true | string[]> = {};
  const plain: string[] = [];

  const take = (spec: OptionSpec, value: string | true): void => {
    const before = options[spec.long];
    if (!spec.repeatable || value === true) options[spec.long] = value;
    else if (Array.isArray(before)) before.push(value);
    else options[spec.long] = [value];
  };
  const unknown = (word: string): CommandError => {
    const near = suggest(word.replace(/^-+/, ""), specs.map(({ long }) => long));
    return new CommandError(`cannot use option "${word}": supervise ${verb} has no such option`, {
      exitCode: EXIT_USAGE,
      hint: near === null ? `see supervise ${verb} --help` : `did you mean --${near}?`,
    });
  };
  const noValue = (spec: OptionSpec): CommandError =>
    new CommandError(`cannot use option "--${spec.long}": its ${spec.value ?? "value"} is missing`, { exitCode: EXIT_USAGE });

  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (word === "--") return { options, words: plain, rest: words.slice(index + 1) };
    if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      const long = equals < 0 ? word.slice(2) : word.slice(2, equals);
      const spec = specs.find((one) => one.long === long);
      if (spec === undefined) throw unknown(equals < 0 ? word : word.slice(0, equals));
      if (spec.value === null) {
        if (equals >= 0) throw new CommandError(`cannot use option "--${long}": it takes no value`, { exitCode: EXIT_USAGE });
        take(spec, true);
      } else if (equals >= 0) take(spec, word.slice(equals + 1));
      else {
        index += 1;
        const value = words[index];
        if (value === undefined) throw noValue(spec);
        take(spec, value);
      }
    } else if (word.startsWith("-") && word !== "-") {
      for (let at = 1; at < word.length; at += 1) {
        const spec = specs.find(({ short }) => short === word[at]);
        if (spec === undefined) throw unknown(`-${word[at]}`);
        if (spec.value === null) {
          take(spec, true);
          continue;
        }
        // -n5, or -n 5.
        const attached = word.slice(at + 1);
        if (attached === "") index += 1;
        const value = attached === "" ? words[index] : attached;
        if (value === undefined) throw noValue(spec);
        take(spec, value);
        break;
      }
    } else plain.push(word);
  }
  return { options, words: plain, rest: null };
}
