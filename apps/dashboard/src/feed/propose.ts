import { randomBytes } from "node:crypto";
import { chmod, chown, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import type { ControlClient } from "@supervise/control";
import type { Message } from "../model/message.js";
import type { Edit } from "../model/proposal.js";
import { editText } from "./editor.js";
import { reloadText } from "./reload-text.js";

/** What the supervisor says to a configuration: to the files as they are, or to an edit of one. Never throws. */
export async function propose(client: ControlClient, edit: Edit | null): Promise<Message> {
  try {
    const texts = edit === null ? {} : { [edit.path]: edit.text };
    const { changes, diagnostics } = await client.preview(texts);
    return { type: "proposed", proposal: { edit, changes, diagnostics, problem: null } };
  } catch (error) {
    const problem = textOf(error);
    return { type: "proposed", proposal: { edit, changes: [], diagnostics: [], problem } };
  }
}

/** Has a person edit a file, or go on with an edit of it, and asks the supervisor what it would come to. Never throws. */
export async function proposeEdit(options: {
  readonly client: ControlClient;
  readonly path: string;
  /** Null: the file as it is. */
  readonly edit: Edit | null;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** The terminal is ours again. */
  readonly back: () => void;
}): Promise<Message> {
  const { client, path, edit, environment, signal, back } = options;
  let before: string;
  try {
    before = edit === null ? await readFile(path, "utf8") : edit.before;
  } catch (error) {
    back();
    return { type: "told", text: `cannot read "${path}": ${textOf(error)}`, good: false, id: null };
  }
  const found = await editText({ path, text: edit?.text ?? before, environment, signal });
  back();
  if ("problem" in found) {
    // What was typed before is not lost with an editor that fails.
    if (edit !== null) return propose(client, edit);
    return { type: "told", text: found.problem, good: false, id: null };
  }
  if (found.text === before)
    return { type: "told", text: "nothing was changed in the editor", good: true, id: null };
  return propose(client, { path, before, text: found.text });
}

/** Writes an edit and has the supervisor apply it. A file that was changed meanwhile is left alone. Never throws. */
export async function applyEdit(
  client: ControlClient,
  { path, before, text }: Edit,
): Promise<{ readonly text: string; readonly good: boolean }> {
  try {
    if ((await readFile(path, "utf8")) !== before)
      return { text: `"${path}" was changed meanwhile: nothing was written`, good: false };
    await replace(await realpath(path), text);
  } catch (error) {
    return { text: `cannot write "${path}": ${textOf(error)}`, good: false };
  }
  try {
    return reloadText(await client.reload());
  } catch (error) {
    return { text: `written, but not applied: ${textOf(error)}`, good: false };
  }
}

/** Aside, then by rename, with the owner and the mode of what was there; a supervisor that reads meanwhile has the one or the other. */
async function replace(path: string, text: string): Promise<void> {
  const { mode, uid, gid } = await stat(path);
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await writeFile(aside, text, { flag: "wx", mode: 0o600 });
    await chown(aside, uid, gid);
    await chmod(aside, mode & 0o7777);
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    // A directory that is not ours, or a file that is a mount of its own: the file itself may be ours to write.
    if (!["EACCES", "EPERM", "EBUSY", "EXDEV", "EROFS"].includes(codeOf(error))) throw error;
    await writeFile(path, text);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "";
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
