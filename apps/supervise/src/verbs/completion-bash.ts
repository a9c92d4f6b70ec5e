import { optionsOf } from "../common-options.js";
import type { OptionSpec, Verb } from "../verb.js";
import {
  namesCommand,
  PROJECT_OPTIONS,
  valueCompletion,
  wordCompletion,
} from "./completion-words.js";
import type { Completion } from "./completion-words.js";

/** For bash 4.2 and later; needs nothing of the bash-completion package. */
export function bashCompletion(verbs: readonly Verb[]): string {
  const names = verbs.map(({ name }) => name);
  const options = verbs.map((verb) => `      ${verb.name}) ${reply(formsOf(optionsOf(verb)))} ;;`);
  const words = verbs.map((verb) => `    ${verb.name}) ${action(wordCompletion(verb))} ;;`);
  return `# bash completion for supervise: source it, or keep it as /usr/share/bash-completion/completions/supervise
_supervise_services() {
  ${namesCommand('"$@"')}
}
_supervise() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} verb= index
  local -a project=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
      --) COMPREPLY=($(compgen -c -f -- "$word")); return ;;
      ${flags(PROJECT_OPTIONS).join("|")})
        # In logs and events -f takes no value.
        [[ \${COMP_WORDS[index]} == -f && ( $verb == logs || $verb == events ) ]] && continue
        ((index + 1 < COMP_CWORD)) && project+=("\${COMP_WORDS[index]}" "\${COMP_WORDS[index+1]}")
        ((index += 1)) ;;
      -*) ;;
      *) [[ $verb ]] || verb=\${COMP_WORDS[index]} ;;
    esac
  done
  case $verb:$before in
${values(verbs)}
  esac
  if [[ $word == -* ]]; then
    case $verb in
${options.join("\n")}
    esac
    return
  fi
  case $verb in
    '') ${reply([...names, "help"])} ;;
    help) ${reply(names)} ;;
${words.join("\n")}
  esac
}
complete -F _supervise supervise
`;
}

/** A case for each option that takes a value, so that what follows it is completed as that. */
function values(verbs: readonly Verb[]): string {
  const cases = verbs.flatMap((verb) =>
    optionsOf(verb)
      .filter(({ value }) => value !== null)
      .map((spec) => {
        const patterns = flags([spec]).map((flag) => `${verb.name}:${flag}`);
        return `    ${patterns.join("|")}) ${action(valueCompletion(spec))}; return ;;`;
      }),
  );
  const alone = PROJECT_OPTIONS.map((spec) => {
    const patterns = flags([spec]).map((flag) => `:${flag}`);
    return `    ${patterns.join("|")}) ${action(valueCompletion(spec))}; return ;;`;
  });
  return [...cases, ...alone].join("\n");
}

function action(completion: Completion): string {
  switch (completion.kind) {
    case "files":
      return 'COMPREPLY=($(compgen -f -- "$word"))';
    case "directories":
      return 'COMPREPLY=($(compgen -d -- "$word"))';
    case "services":
      return 'COMPREPLY=($(compgen -W "$(_supervise_services "${project[@]}")" -- "$word"))';
    case "words":
      return reply(completion.words);
    case "nothing":
      return "COMPREPLY=()";
  }
}

function reply(words: readonly string[]): string {
  return `COMPREPLY=($(compgen -W '${words.join(" ")}' -- "$word"))`;
}

const formsOf = (options: readonly OptionSpec[]): readonly string[] =>
  options.map(({ long }) => `--${long}`);

function flags(options: readonly OptionSpec[]): readonly string[] {
  return options.flatMap(({ long, short }) =>
    short === null ? [`--${long}`] : [`--${long}`, `-${short}`],
  );
}
