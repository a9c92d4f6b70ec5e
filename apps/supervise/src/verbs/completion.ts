import { COMMON_OPTIONS } from "../common-options.js";
import { CommandError, EXIT_USAGE, type Verb } from "../verb.js";
import { VERBS } from "../verbs.js";

export const verb: Verb = {
  name: "completion",
  summary: "print a completion script for bash, zsh or fish",
  usage: "bash|zsh|fish",
  options: [],
  run: async ({ io, words }) => {
    const verbs = await Promise.all(VERBS.map((entry) => entry.load()));
    switch (words[0]) {
      case "bash":
        io.out(bash(verbs));
        return 0;
      case "zsh":
        io.out(zsh(verbs));
        return 0;
      case "fish":
        io.out(fish(verbs));
        return 0;
      default:
        throw new CommandError(`cannot complete for ${words[0] === undefined ? "no shell" : `"${words[0]}"`}: bash, zsh and fish are known`, { exitCode: EXIT_USAGE });
    }
  },
};

const names = (verbs: readonly Verb[]): string => verbs.map(({ name }) => name).join(" ");
const optionsOf = (verb: Verb): string => [...verb.options, ...COMMON_OPTIONS].map(({ long }) => `--${long}`).join(" ");
const services = "supervise status --json 2>/dev/null | grep -o '\"name\":\"[^\"]*\",\"service\"' | cut -d'\"' -f4";

function bash(verbs: readonly Verb[]): string {
  const cases = verbs.map((verb) => `    ${verb.name}) options="${optionsOf(verb)}" ;;`).join("\n");
  return `# bash completion for supervise: source it, or put it into /usr/share/bash-completion/completions/supervise
_supervise() {
  local word=\${COMP_WORDS[COMP_CWORD]} verb=\${COMP_WORDS[1]} options=
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names(verbs)}" -- "$word"))
    return
  fi
  case $verb in
${cases}
  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
    *) COMPREPLY=($(compgen -W "$(${services})" -- "$word") $(compgen -f -- "$word")) ;;
  esac
}
complete -F _supervise supervise
`;
}

function zsh(verbs: readonly Verb[]): string {
  const entries = verbs.map(({ name, summary }) => `    '${name}:${summary.replaceAll("'", "'\\''").replaceAll(":", "\\:")}'`).join("\n");
  const cases = verbs.map((verb) => `    ${verb.name}) compadd -- ${optionsOf(verb)} ;;`).join("\n");
  return `#compdef supervise
_supervise() {
  local -a verbs
  verbs=(
${entries}
  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    return
  fi
  case $words[2] in
${cases}
  esac
  compadd -- $(${services})
  _files
}
compdef _supervise supervise
`;
}

function fish(verbs: readonly Verb[]): string {
  const quote = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = verbs.flatMap((verb) => [
    `complete -c supervise -n __fish_use_subcommand -a ${verb.name} -d ${quote(verb.summary)}`,
    ...[...verb.options, ...COMMON_OPTIONS].map(
      (option) =>
        `complete -c supervise -n '__fish_seen_subcommand_from ${verb.name}' -l ${option.long}${option.short === null ? "" : ` -s ${option.short}`}${option.value === null ? "" : " -r"} -d ${quote(option.help)}`,
    ),
  ]);
  return `${lines.join("\n")}\ncomplete -c supervise -n 'not __fish_use_subcommand' -a "(${services.replaceAll('"', '\\"')})"\n`;
}
