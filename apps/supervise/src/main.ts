import { suggest } from "@supervise/config";
import { COMMON_OPTIONS } from "./common-options.js";
import { parseWords } from "./parse-words.js";
import { CommandError, EXIT_USAGE, type Verb, type VerbIo } from "./verb.js";
import { VERBS } from "./verbs.js";
import { VERSION } from "./version.js";

/** Runs one command line. Returns the exit code; throws only what is an internal error. */
export async function main(words: readonly string[], io: VerbIo): Promise<number> {
  try {
    return await dispatch(words, io);
  } catch (error) {
    if (isControlError(error)) {
      io.err(`supervise: ${error.message}\n${error.hint === null ? "" : `  hint: ${error.hint}\n`}`);
      return 1;
    }
    if (!(error instanceof CommandError)) throw error;
    io.err(`supervise: ${error.message}\n${error.hint === null ? "" : `  hint: ${error.hint}\n`}`);
    return error.exitCode;
  }
}

async function dispatch(words: readonly string[], io: VerbIo): Promise<number> {
  const [name, ...others] = words;
  if (name === "--version" || name === "-V") {
    io.out(`supervise ${VERSION}\n`);
    return 0;
  }
  if (name === undefined || name === "--help" || name === "-h" || (name === "help" && others.length === 0)) {
    (name === undefined ? io.err : io.out)(await overview());
    return name === undefined ? EXIT_USAGE : 0;
  }
  if (name === "help") {
    io.out(verbHelp(await loadVerb(others[0] ?? "")));
    return 0;
  }
  const verb = await loadVerb(name);
  const parsed = parseWords(others, [...verb.options, ...COMMON_OPTIONS, HELP], name);
  if (parsed.options["help"] !== undefined) {
    io.out(verbHelp(verb));
    return 0;
  }
  return verb.run({ io, version: VERSION, ...parsed });
}

/** By its name: the class itself would load the client at each start. */
function isControlError(error: unknown): error is Error & { readonly hint: string | null } {
  return error instanceof Error && error.name === "ControlError" && "hint" in error;
}

const HELP = { long: "help", short: "h", value: null, repeatable: false, help: "say what it does" } as const;

async function loadVerb(name: string): Promise<Verb> {
  const entry = VERBS.find((one) => one.name === name);
  if (entry !== undefined) return entry.load();
  const near = suggest(name, VERBS.map((one) => one.name));
  throw new CommandError(`cannot run "${name}": supervise has no such verb`, {
    exitCode: EXIT_USAGE,
    hint: near === null ? "see supervise --help" : `did you mean supervise ${near}?`,
  });
}

async function overview(): Promise<string> {
  const verbs = await Promise.all(VERBS.map((entry) => entry.load()));
  const width = Math.max(...verbs.map(({ name }) => name.length));
  const lines = verbs.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `usage: supervise VERB [OPTION...] [NAME...]\n\n${lines.join("\n")}\n\nsupervise help VERB tells more; supervise --version says which it is.\n`;
}

function verbHelp(verb: Verb): string {
  const rows = [...verb.options, ...COMMON_OPTIONS, HELP].map((spec) => {
    const long = `--${spec.long}${spec.value === null ? "" : ` ${spec.value}`}`;
    return [`${spec.short === null ? "   " : `-${spec.short},`} ${long}`, spec.help] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = rows.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`);
  return `usage: supervise ${verb.name} [OPTION...] ${verb.usage}\n\n${verb.summary}\n\n${lines.join("\n")}\n`;
}
