import { optionsOf } from "../common-options.js";
import type { OptionSpec, Verb } from "../verb.js";
import { namesCommand, valueCompletion, wordCompletion } from "./completion-words.js";
import type { Completion } from "./completion-words.js";

/** For fish (complete(1)). */
export function fishCompletion(verbs: readonly Verb[]): string {
  const lines = verbs.flatMap((verb) => [
    `complete -c supervise -f -n __fish_use_subcommand -a ${verb.name} -d ${quote(verb.summary)}`,
    ...optionsOf(verb).map((spec) => `${inVerb(verb)} ${optionText(spec)}`),
    `${inVerb(verb)} ${candidates(wordCompletion(verb))}`,
  ]);
  return `# fish completion for supervise: keep it as ~/.config/fish/completions/supervise.fish
function __supervise_services
  ${namesCommand("").replace("||", "; or")}
end
${lines.join("\n")}
`;
}

function inVerb({ name }: Verb): string {
  return `complete -c supervise -n ${quote(`__fish_seen_subcommand_from ${name}`)}`;
}

function optionText(spec: OptionSpec): string {
  const { long, short, value, help } = spec;
  const needs = value === null ? "" : ` -r ${candidates(valueCompletion(spec))}`;
  return `-l ${long}${short === null ? "" : ` -s ${short}`}${needs} -d ${quote(help)}`;
}

/** `-f` (no files) and `-F` (files) exclude each other. */
function candidates(completion: Completion): string {
  switch (completion.kind) {
    case "files":
      return "-F";
    case "directories":
      return `-f -a ${quote("(__fish_complete_directories)")}`;
    case "services":
      return `-f -a ${quote("(__supervise_services)")}`;
    case "words":
      return `-f -a ${quote(completion.words.join(" "))}`;
    case "nothing":
      return "-f";
  }
}

const quote = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
