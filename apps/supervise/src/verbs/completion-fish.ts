import { optionsOf } from "../common-options.js";
import type { OptionSpec, Verb } from "../verb.js";
import { namesCommand, valueCompletion, wordCompletion } from "./completion-words.js";
import type { Completion } from "./completion-words.js";

/** For fish (complete(1)). */
export function fishCompletion(verbs: readonly Verb[]): string {
  const lines = verbs.flatMap((verb) => [
    `complete -c supervise -f -n __fish_use_subcommand -a ${verb.name} -d ${quote(verb.summary)}`,
    ...optionsOf(verb).map((spec) => `${inVerb(verb)} ${optionText(spec)}`),
    ...wordsText(wordCompletion(verb)).map((text) => `${inVerb(verb)} ${text}`),
  ]);
  return `# fish completion for supervise: keep it as ~/.config/fish/completions/supervise.fish
function __supervise_services
  ${namesCommand("").replace("||", "; or")}
end
${lines.join("\n")}
`;
}

function inVerb({ name }: Verb): string {
  return `complete -c supervise -f -n ${quote(`__fish_seen_subcommand_from ${name}`)}`;
}

function optionText(spec: OptionSpec): string {
  const { long, short, value, help } = spec;
  const needs =
    value === null
      ? ""
      : ` -r${wordsText(valueCompletion(spec))
          .map((text) => ` ${text}`)
          .join("")}`;
  return `-l ${long}${short === null ? "" : ` -s ${short}`}${needs} -d ${quote(help)}`;
}

function wordsText(completion: Completion): readonly string[] {
  switch (completion.kind) {
    case "files":
      return ["-F"];
    case "directories":
      return [`-a ${quote("(__fish_complete_directories)")}`];
    case "services":
      return [`-a ${quote("(__supervise_services)")}`];
    case "words":
      return [`-a ${quote(completion.words.join(" "))}`];
    case "nothing":
      return [];
  }
}

const quote = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
