import { existsSync, lstatSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import {
  describeDiagnostic,
  loadConfiguration,
  proposeConfiguration,
  type Proposal,
} from "@supervise/config";
import { CommandError, EXIT_CONFIGURATION, type Dialog, type VerbIo } from "../verb.js";
import { chooseScripts, type FoundSource } from "./source-choice.js";

/** The file that is written where none is named. */
export const USUAL_FILE = "supervise.yaml";

export interface NewFile {
  readonly source: FoundSource;
  /** Of package.json; empty: they are chosen. */
  readonly scripts: readonly string[];
  /** Path of the file to be written. */
  readonly file: string;
  /** Null: nobody is asked anything. */
  readonly dialog: Dialog | null;
}

/** The text of a new configuration. Null: nothing was chosen. Throws a `CommandError` where none can be made. */
export async function makeText(
  io: VerbIo,
  { source, scripts, dialog }: NewFile,
): Promise<string | null> {
  const { directory, file, text } = source;
  const chosen = source.kind === "package" ? await chooseScripts(text, scripts, dialog) : [];
  if (chosen === null) return null;
  const proposal = await proposeConfiguration({
    source,
    text,
    exists: (name) => existsSync(join(directory, name)),
    environment: io.environment,
    scripts: chosen,
  });
  for (const diagnostic of proposal.diagnostics)
    io.err(`supervise: ${describeDiagnostic(diagnostic)}\n`);
  if (proposal.text !== "") return proposal.text;
  throw nothingIn(file, proposal);
}

function nothingIn(file: string, { diagnostics, left }: Proposal): CommandError {
  if (diagnostics.length > 0)
    return new CommandError(`cannot make a configuration from "${file}": it has mistakes`, {
      exitCode: EXIT_CONFIGURATION,
    });
  const hint = left.length === 0 ? null : left.join("; ");
  return new CommandError(
    `cannot make a configuration from "${file}": nothing in it says which programs to run`,
    { hint },
  );
}

/** What `up` would say of it, were it there: one line each, mistakes and warnings. */
export async function mistakesIn(
  io: VerbIo,
  file: string,
  text: string,
): Promise<readonly string[]> {
  const path = resolve(io.workingDirectory, file);
  const { diagnostics } = await loadConfiguration({
    files: [file],
    workingDirectory: io.workingDirectory,
    profiles: [],
    environment: io.environment,
    readFile: (asked) => (asked === path ? text : readFileSync(asked, "utf8")),
  });
  return diagnostics.map(describeDiagnostic);
}

/** A new file; one that is there is never touched. Throws a `CommandError`. */
export function writeNew(io: VerbIo, file: string, text: string): void {
  try {
    // O_EXCL: whatever has come there meanwhile stays as it is.
    writeFileSync(resolve(io.workingDirectory, file), text, { flag: "wx" });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw code === "EEXIST"
      ? isThere(file)
      : new CommandError(`cannot write "${file}": ${code}`, { cause: error });
  }
}

/** Throws a `CommandError` where the file is there already, or where another one would no longer be read because of it. */
export function refuseWhatIsThere(io: VerbIo, file: string): void {
  const path = resolve(io.workingDirectory, file);
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw isThere(file);
  const other = join(dirname(path), "supervise.yml");
  if (path === join(dirname(path), USUAL_FILE) && existsSync(other))
    throw isThere(relative(io.workingDirectory, other));
}

function isThere(file: string): CommandError {
  return new CommandError(`cannot write "${file}": it is there already (EEXIST)`, {
    hint: "name another file with --file, or see what it would be with --print",
  });
}
