import { optionsOf } from "../common-options.js";
import type { OptionSpec, Verb } from "../verb.js";
import { namesCommand, valueCompletion, wordCompletion } from "./completion-words.js";
import type { Completion } from "./completion-words.js";

/** For zsh's completion system (zshcompsys(1)). */
export function zshCompletion(verbs: readonly Verb[]): string {
  const list = verbs.map(({ name, summary }) => `    ${quote(`${escape(name)}:${summary}`)}`);
  const cases = verbs.map((verb) => {
    const specs = [
      ...optionsOf(verb).flatMap(argumentsOf),
      `*${message(wordCompletion(verb), "name")}`,
    ];
    return `    ${verb.name})\n      _arguments -s ${specs.map(quote).join(" \\\n        ")} ;;`;
  });
  return `#compdef supervise
_supervise_services() {
  local -a names
  names=(\${(f)"$(${namesCommand("")})"})
  compadd -a names
}
_supervise() {
  local -a verbs
  verbs=(
${list.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    return
  fi
  local verb=$words[2]
  shift words
  (( CURRENT -= 1 ))
  case $verb in
${cases.join("\n")}
  esac
}
if [ "$funcstack[1]" = _supervise ]; then
  _supervise "$@"
else
  compdef _supervise supervise
fi
`;
}

/** One for each way to write the option; a repeatable one may come again. */
function argumentsOf(spec: OptionSpec): readonly string[] {
  const help = `[${spec.help.replaceAll(/[[\]\\]/g, "\\$&")}]`;
  const value = spec.value === null ? "" : message(valueCompletion(spec), spec.value.toLowerCase());
  const star = spec.repeatable ? "*" : "";
  const long = `${star}--${spec.long}${spec.value === null ? "" : "="}${help}${value}`;
  return spec.short === null
    ? [long]
    : [long, `${star}-${spec.short}${spec.value === null ? "" : "+"}${help}${value}`];
}

function message(completion: Completion, name: string): string {
  switch (completion.kind) {
    case "files":
      return `:${name}:_files`;
    case "directories":
      return `:${name}:_files -/`;
    case "services":
      return `:${name}:_supervise_services`;
    case "words":
      return `:word:(${completion.words.join(" ")})`;
    case "nothing":
      return `:${name}: `;
  }
}

const escape = (text: string): string => text.replaceAll(":", "\\:");
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
