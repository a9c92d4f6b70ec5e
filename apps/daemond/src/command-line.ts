import { resolve } from "node:path";
import type { ConfFile } from "./read-conf.js";
import { nearestWord } from "./nearest-word.js";
import { DEFAULT_FILE } from "./settings.js";

/** What the command line asks for. */
export type Asked =
  | { readonly kind: "run"; readonly conf: ConfFile; readonly foreground: boolean }
  | { readonly kind: "check"; readonly conf: ConfFile }
  | { readonly kind: "measure"; readonly runs: number }
  | { readonly kind: "help" | "version" }
  /** Wrong usage, in the words of a message. */
  | { readonly kind: "wrong"; readonly what: string };

export const USAGE: string = `usage: daemond [--config FILE] [--foreground]
       daemond --check [--config FILE]
       daemond --measure [N]

  --config FILE   read this configuration; ${DEFAULT_FILE} unless told
  --foreground    stay in this session and at these descriptors
  --check         only read the configuration, and tell every mistake
  --measure [N]   start and end N daemons (20 unless told) and print the medians
  --help          print this
  --version       print the version
`;

const WORDS = ["--config", "--foreground", "--check", "--measure", "--help", "--version"];
const USUAL_RUNS = 20;
const MOST_RUNS = 10_000;

export function parseCommandLine(words: readonly string[]): Asked {
  let path: string | null = null;
  const flags = new Set<string>();
  let runs = USUAL_RUNS;
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const equals = word.startsWith("--") ? word.indexOf("=") : -1;
    const name = equals < 0 ? word : word.slice(0, equals);
    const attached = equals < 0 ? null : word.slice(equals + 1);
    if (!WORDS.includes(name)) return wrong(unknown(name));
    if (name === "--config") {
      const value: string | undefined = attached ?? rest.shift();
      if (!value) return wrong("--config needs a file");
      path = value;
    } else if (name === "--measure") {
      flags.add(name);
      const value = attached ?? (/^\d/.test(rest[0] ?? "") ? rest.shift() : undefined);
      runs = value === undefined ? USUAL_RUNS : Number(value);
      if (!Number.isInteger(runs) || runs < 1 || runs > MOST_RUNS)
        return wrong(`--measure must be a number from 1 to ${MOST_RUNS}, found "${value}"`);
    } else if (attached !== null) return wrong(`${name} takes no value, found "${attached}"`);
    else flags.add(name);
  }
  if (flags.has("--help")) return { kind: "help" };
  if (flags.has("--version")) return { kind: "version" };
  if (flags.has("--measure")) return { kind: "measure", runs };
  const conf = { path: resolve(path ?? DEFAULT_FILE), named: path !== null };
  if (flags.has("--check")) return { kind: "check", conf };
  return { kind: "run", conf, foreground: flags.has("--foreground") };
}

function wrong(what: string): Asked {
  return { kind: "wrong", what };
}

function unknown(word: string): string {
  const meant = nearestWord(word, WORDS);
  const hint = meant === null ? "" : `; did you mean "${meant}"?`;
  return word.startsWith("-") ? `unknown option "${word}"${hint}` : `unexpected word "${word}"`;
}
