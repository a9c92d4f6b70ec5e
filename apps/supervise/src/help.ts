import { optionsOf } from "./common-options.js";
import type { OptionSpec, Verb } from "./verb.js";

/** `--name VALUE` with its letter, as help and pages show it: "-f, --file FILE". */
export function optionForm({ long, short, value }: OptionSpec): string {
  return `${short === null ? "" : `-${short}, `}--${long}${value === null ? "" : ` ${value}`}`;
}

/** What `supervise VERB --help` prints. */
export function verbHelp(verb: Verb): string {
  const rows = optionsOf(verb).map((spec) => {
    const form = optionForm(spec);
    return [spec.short === null ? `    ${form}` : form, spec.help] as const;
  });
  return `usage: ${usageOf(verb)}\n\n${verb.summary}\n\n${columns(rows)}\n`;
}

/** What `supervise --help` prints. */
export function overview(verbs: readonly Verb[]): string {
  const list = columns(verbs.map(({ name, summary }) => [name, summary] as const));
  return `usage: supervise VERB [OPTION...] [NAME...]\n\n${list}\n\nsupervise help VERB tells more; supervise --version says which it is.\n`;
}

export function usageOf({ name, usage }: Verb): string {
  return `supervise ${name} [OPTION...]${usage === "" ? "" : ` ${usage}`}`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}
