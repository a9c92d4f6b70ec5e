import { suggest } from "@supervise/config";
import { CommandError, EXIT_USAGE } from "./verb.js";
import type { OptionSpec, OptionValues } from "./verb.js";

export interface ParsedWords {
  readonly options: OptionValues;
  readonly words: readonly string[];
  /** Behind `--`; null: there was none. */
  readonly rest: readonly string[] | null;
}

export interface Grammar {
  readonly specs: readonly OptionSpec[];
  /** For messages and hints: "supervise status". */
  readonly command: string;
  /** Options end at the first word that is none; it and all behind it are the words. */
  readonly optionsFirst?: true;
}

/**
 * Options as getopt_long(3) has them, and no abbreviations: `--name VALUE`, `--name=VALUE`, `-n VALUE`, `-nVALUE`, `-qf VALUE`; what stands behind `--` is
 * never one. Throws `CommandError` with the exit code for wrong usage, and a suggestion where a word looks misspelt.
 */
export function parseWords(words: readonly string[], grammar: Grammar): ParsedWords {
  const values: Record<string, string | true | string[]> = {};
  const plain: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (word === "--") return { options: values, words: plain, rest: words.slice(index + 1) };
    if (!word.startsWith("-") || word === "-") {
      if (grammar.optionsFirst === true)
        return { options: values, words: words.slice(index), rest: null };
      plain.push(word);
      continue;
    }
    const taken = word.startsWith("--") ? [longOption(word, grammar)] : shortOptions(word, grammar);
    for (const { spec, attached } of taken) {
      if (spec.value === null && spec.repeatable) keep(values, spec, "");
      else if (spec.value === null) values[spec.long] = true;
      else {
        const value = attached ?? words[(index += 1)];
        if (value === undefined) throw refuse(spec, `its ${spec.value} is missing`);
        if (value === "") throw refuse(spec, `its ${spec.value} is empty`);
        keep(values, spec, value);
      }
    }
  }
  return { options: values, words: plain, rest: null };
}

interface Taken {
  readonly spec: OptionSpec;
  /** The value within the same word; null: it is the next word. */
  readonly attached: string | null;
}

function longOption(word: string, grammar: Grammar): Taken {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  const spec = grammar.specs.find(({ long }) => `--${long}` === name);
  if (spec === undefined) throw unknown(name, grammar);
  if (spec.value === null && equals >= 0) throw refuse(spec, "it takes no value");
  return { spec, attached: equals < 0 ? null : word.slice(equals + 1) };
}

/** `-dq` is two switches; the first of them that takes a value takes what is left of the word. */
function shortOptions(word: string, grammar: Grammar): readonly Taken[] {
  const taken: Taken[] = [];
  for (let at = 1; at < word.length; at += 1) {
    const spec = grammar.specs.find(({ short }) => short === word[at]);
    if (spec === undefined) throw unknown(`-${word[at]}`, grammar);
    const left = word.slice(at + 1);
    taken.push({ spec, attached: spec.value === null || left === "" ? null : left });
    if (spec.value !== null) break;
  }
  return taken;
}

function keep(
  values: Record<string, string | true | string[]>,
  spec: OptionSpec,
  value: string,
): void {
  const before = values[spec.long];
  if (!spec.repeatable) values[spec.long] = value;
  else if (Array.isArray(before)) before.push(value);
  else values[spec.long] = [value];
}

function refuse(spec: OptionSpec, why: string): CommandError {
  return new CommandError(`cannot use option "--${spec.long}": ${why}`, { exitCode: EXIT_USAGE });
}

function unknown(word: string, { specs, command }: Grammar): CommandError {
  // One letter is near to everything.
  const near = word.startsWith("--")
    ? suggest(
        word.slice(2),
        specs.map(({ long }) => long),
      )
    : null;
  return new CommandError(`cannot use option "${word}": ${command} has no such option`, {
    exitCode: EXIT_USAGE,
    hint: near === null ? `see ${command} --help` : `did you mean --${near}?`,
  });
}
