import { dirname } from "node:path";
import { suggest } from "@supervise/config";
import { COMMON_OPTIONS, HELP, optionGiven, optionsOf } from "./common-options.js";
import { NoConfigurationError } from "./configuration.js";
import { overview, verbHelp } from "./help.js";
import { firstRun } from "./new/first-run.js";
import { parseWords } from "./parse-words.js";
import { findSurvivors, survivorsHint } from "./survivors.js";
import { CommandError, EXIT_USAGE } from "./verb.js";
import type { OptionSpec, OptionValues, Verb, VerbEntry, VerbIo } from "./verb.js";
import { VERSION } from "./version.js";

/** Runs one command line with one of `verbs`. Returns the exit code; throws only what is an internal error. */
export async function main(
  words: readonly string[],
  io: VerbIo,
  verbs: readonly VerbEntry[],
): Promise<number> {
  try {
    return await dispatchOrOffer(words, io, verbs);
  } catch (error) {
    if (!(error instanceof CommandError) && !isControlError(error)) throw error;
    const hint = hintOfSurvivors(error) ?? error.hint;
    io.err(`supervise: ${error.message}\n${hint === null ? "" : `  hint: ${hint}\n`}`);
    return error instanceof CommandError ? error.exitCode : 1;
  }
}

/** Where there is no configuration, one may be written first. */
async function dispatchOrOffer(
  words: readonly string[],
  io: VerbIo,
  verbs: readonly VerbEntry[],
): Promise<number> {
  try {
    return await dispatch(words, io, verbs);
  } catch (error) {
    const offered = error instanceof NoConfigurationError && (await offerConfiguration(words, io));
    if (!offered) throw error;
    return dispatch(words, io, verbs);
  }
}

/** Verbs that begin with a configuration and ask for one where there is none. */
const MAKERS: ReadonlySet<string> = new Set(["up", "check", "graph"]);

const VERSION_OPTION: OptionSpec = {
  long: "version",
  short: "V",
  value: null,
  repeatable: false,
  help: "say which version it is",
};

async function dispatch(
  words: readonly string[],
  io: VerbIo,
  verbs: readonly VerbEntry[],
): Promise<number> {
  const allVerbs = (): Promise<readonly Verb[]> => Promise.all(verbs.map((entry) => entry.load()));
  const before = parseWords(words, {
    specs: [...COMMON_OPTIONS, HELP, VERSION_OPTION],
    command: "supervise",
    optionsFirst: true,
  });
  if (optionGiven(before.options, "version")) {
    io.out(`supervise ${VERSION}\n`);
    return 0;
  }
  const [name, ...others] = before.words;
  if (optionGiven(before.options, "help") || (name === "help" && others.length === 0)) {
    io.out(overview(await allVerbs()));
    return 0;
  }
  if (name === undefined) {
    io.err(overview(await allVerbs()));
    return EXIT_USAGE;
  }
  if (name === "help") return help(others, io, verbs);
  const verb = await loadVerb(name, verbs);
  const parsed = parseWords(others, { specs: optionsOf(verb), command: `supervise ${name}` });
  if (optionGiven(parsed.options, "help")) {
    io.out(verbHelp(verb));
    return 0;
  }
  const rest = verb.takesCommand === true ? parsed.rest : null;
  const plain =
    verb.takesCommand === true ? parsed.words : [...parsed.words, ...(parsed.rest ?? [])];
  if (verb.usage === "" && plain[0] !== undefined) {
    throw new CommandError(`cannot use "${plain[0]}": supervise ${name} takes options only`, {
      exitCode: EXIT_USAGE,
      hint: `see supervise ${name} --help`,
    });
  }
  const options = bothOptions(before.options, parsed.options);
  return verb.run({ io, version: VERSION, options, words: plain, rest, allVerbs });
}

/** Those before the verb come first in a list; of a single value the last wins. */
function bothOptions(before: OptionValues, after: OptionValues): OptionValues {
  const lists = Object.entries(before).flatMap(([long, value]) => {
    const more = after[long];
    return Array.isArray(value) && Array.isArray(more)
      ? [[long, [...value, ...more]] as const]
      : [];
  });
  return { ...before, ...after, ...Object.fromEntries(lists) };
}

/** Somebody at a terminal may have one made. True: there is one now. */
async function offerConfiguration(words: readonly string[], io: VerbIo): Promise<boolean> {
  const dialog = io.openDialog();
  if (dialog === null || !words.some((word) => MAKERS.has(word))) return false;
  return firstRun(io, dialog);
}

/** By its name: the class itself would load the client at each start. */
function isControlError(error: unknown): error is Error & { readonly hint: string | null } {
  return error instanceof Error && error.name === "ControlError" && "hint" in error;
}

/** Where no supervisor answers: what one that died has left alive. Null: nothing. */
function hintOfSurvivors(error: Error): string | null {
  if (!("socketPath" in error) || typeof error.socketPath !== "string") return null;
  const survivors = findSurvivors(dirname(error.socketPath));
  return survivors.length === 0 ? null : survivorsHint(survivors);
}

async function help(
  words: readonly string[],
  io: VerbIo,
  verbs: readonly VerbEntry[],
): Promise<number> {
  const helps = await Promise.all(words.map(async (word) => verbHelp(await loadVerb(word, verbs))));
  io.out(helps.join("\n"));
  return 0;
}

async function loadVerb(name: string, verbs: readonly VerbEntry[]): Promise<Verb> {
  const entry = verbs.find((one) => one.name === name);
  if (entry !== undefined) return entry.load();
  const near = suggest(
    name,
    verbs.map((one) => one.name),
  );
  throw new CommandError(`cannot run "${name}": supervise has no such verb`, {
    exitCode: EXIT_USAGE,
    hint: near === null ? "see supervise --help" : `did you mean supervise ${near}?`,
  });
}
