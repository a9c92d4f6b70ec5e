import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { proposalSource, proposalSources, scriptsIn, type ProposalSource } from "@supervise/config";
import { CommandError, EXIT_USAGE, type Dialog } from "../verb.js";

/** A file to make a configuration from. */
export interface FoundSource extends ProposalSource {
  readonly directory: string;
  readonly text: string;
}

/** What is in the directory; a package.json only with scripts, or where it is all there is, with its mistakes. */
export async function findSources(directory: string): Promise<readonly FoundSource[]> {
  const names = proposalSources((name) => existsSync(join(directory, name)));
  const found: FoundSource[] = [];
  const mistaken: FoundSource[] = [];
  for (const source of names) {
    const one = { ...source, directory, text: read(join(directory, source.file)) };
    const scripts = source.kind === "package" ? await scriptsIn(one.text) : null;
    if (scripts === null) found.push(one);
    else if (scripts.commands === null) mistaken.push(one);
    else if (Object.keys(scripts.commands).length > 0) found.push(one);
  }
  return found.length > 0 ? found : mistaken;
}

/** The file that was named. Throws a `CommandError` where nothing can be made of it. */
export function namedSource(workingDirectory: string, path: string): FoundSource {
  const source = proposalSource(basename(path));
  if (source === null)
    throw new CommandError(
      `cannot make a configuration from "${path}": it is none of the files that are known`,
      {
        exitCode: EXIT_USAGE,
        hint: "a Procfile, a compose file (.yaml or .yml) or a package.json",
      },
    );
  const whole = resolve(workingDirectory, path);
  return { ...source, directory: dirname(whole), text: read(whole) };
}

/** One of several. Null: nothing was chosen. Without anybody to ask there must be only one. */
export function chooseSource(
  sources: readonly FoundSource[],
  dialog: Dialog | null,
): FoundSource | null {
  const [first] = sources;
  if (first === undefined || sources.length === 1) return first ?? null;
  const files = sources.map(({ file }) => file);
  if (dialog === null)
    throw new CommandError(`cannot choose a file to begin with: ${files.join(", ")} are here`, {
      hint: "choose one with --from",
    });
  const list = files.map((file, index) => `  ${index + 1}  ${file}\n`).join("");
  const answer = dialog.ask(`It can be made from:\n${list}Which one? [1] `)?.trim();
  if (answer === undefined) return null;
  if (answer === "") return first;
  const chosen = sources[Number(answer) - 1] ?? sources.find(({ file }) => file === answer);
  if (chosen !== undefined) return chosen;
  throw new CommandError(`cannot begin with "${answer}": it is none of ${files.join(", ")}`, {
    hint: "choose one by its number or its name",
  });
}

/** The scripts of a package.json that are to run. Null: nothing was chosen. */
export async function chooseScripts(
  text: string,
  named: readonly string[],
  dialog: Dialog | null,
): Promise<readonly string[] | null> {
  if (named.length > 0) return named;
  const { commands, usual } = await scriptsIn(text);
  if (commands === null) return usual;
  const all = Object.entries(commands);
  if (dialog === null) {
    if (usual.length > 0) return usual;
    throw new CommandError("cannot choose the scripts that are to run: none has a usual name", {
      hint: "choose with --script, as often as needed",
    });
  }
  const width = Math.max(...all.map(([name]) => name.length));
  const list = all
    .map(([name, command], index) => `  ${index + 1}  ${name.padEnd(width)}  ${command}\n`)
    .join("");
  const proposed = usual.join(" ");
  const answer = dialog.ask(
    `Scripts of package.json:\n${list}Which are to run (numbers or names)?${proposed === "" ? "" : ` [${proposed}]`} `,
  );
  if (answer === null) return null;
  const words = answer.split(/[\s,]+/).filter((word) => word !== "");
  if (words.length === 0) return usual.length > 0 ? usual : null;
  return words.map((word) => {
    const name = all[Number(word) - 1]?.[0] ?? word;
    if (Object.hasOwn(commands, name)) return name;
    throw new CommandError(
      `cannot choose script "${word}": package.json has ${all.map(([one]) => one).join(", ")}`,
      { hint: "choose scripts by their numbers or names" },
    );
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(`cannot read "${path}": ${code ?? String(error)}`, { cause: error });
  }
}
