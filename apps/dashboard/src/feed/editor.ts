import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/** Of a text that was edited, or why there is none. */
export type Edited = { readonly text: string } | { readonly problem: string };

/**
 * Lets a person change a text with $VISUAL, else $EDITOR, else vi, on a copy with the name of `path`, which nobody else can read. The terminal has to be the editor's for so long. An editor that
 * ends with another code than 0 has changed nothing. Aborted, the editor gets SIGHUP.
 */
export async function editText(options: {
  readonly path: string;
  readonly text: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}): Promise<Edited> {
  const { path, text, environment, signal } = options;
  const command = editorOf(environment);
  let directory: string | null = null;
  try {
    directory = await mkdtemp(join(tmpdir(), "supervise-edit-"));
    const copy = join(directory, basename(path));
    await writeFile(copy, text, { mode: 0o600 });
    const problem = await run(command, copy, environment, signal);
    return problem === null ? { text: await readFile(copy, "utf8") } : { problem };
  } catch (error) {
    return {
      problem: `cannot edit "${path}": ${error instanceof Error ? error.message : String(error)}`,
    };
  } finally {
    if (directory !== null) await rm(directory, { recursive: true, force: true });
  }
}

function editorOf(environment: NodeJS.ProcessEnv): string {
  const named = [environment["VISUAL"], environment["EDITOR"]].find((one) => (one ?? "") !== "");
  return named ?? "vi";
}

/** What a shell would take for more than a word, but for blanks. */
const SHELL_ONLY = /[|&;<>()$`\\"'*?[#~=%\n]/;

/** Plain words are started as they are, as git does: Ctrl-C in the editor would end a shell around it. */
function wordsOf(command: string, path: string): readonly string[] {
  return SHELL_ONLY.test(command)
    ? ["/bin/sh", "-c", `${command} "$1"`, "editor", path]
    : [...command.trim().split(/\s+/), path];
}

/** Null: it ended well. */
function run(
  command: string,
  path: string,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string | null> {
  return new Promise((resolve) => {
    const [file = "", ...words] = wordsOf(command, path);
    const child = spawn(file, words, {
      stdio: "inherit",
      env: environment,
      signal,
      killSignal: "SIGHUP",
    });
    child.once("error", (error) => resolve(`cannot start editor "${command}": ${error.message}`));
    child.once("exit", (code, killed) => {
      if (code === 0) resolve(null);
      else {
        const how = killed === null ? `exit code ${code ?? 0}` : `killed by ${killed}`;
        resolve(`editor "${command}" ended with ${how}: nothing was changed`);
      }
    });
  });
}
