import { statSync } from "node:fs";
import { known, mapFact, unknown } from "./fact.js";
import type { Fact } from "./fact.js";
import type { InspectSource } from "./source.js";
import type { ProcessView } from "./view.js";

/** A place in the file system, as the process sees it. */
export interface FilePlace {
  readonly path: string;
  /** The name is gone, or another file has it now; the process still has the old one. */
  readonly deleted: boolean;
}

/** The program and where it stands. */
export interface ProgramFacts {
  /** The value is null for a kernel thread. */
  readonly executable: Fact<FilePlace | null>;
  readonly workingDirectory: Fact<FilePlace>;
  readonly root: Fact<string>;
}

/** What it was called with. */
export interface CommandFacts {
  /** Word by word, as UTF-8 (other bytes are U+FFFD), as the process has them now: some write their state there. Empty for a kernel thread. */
  readonly words: readonly string[];
  /** There were more than 128 KB of them. */
  readonly cut: boolean;
}

/** More words than that are only lists of files. */
const COMMAND_BYTES = 128 * 1024;

export function readProgram(view: ProcessView): Fact<ProgramFacts> {
  const executable = view.link("exe");
  return known({
    executable:
      view.stat.kernelThread && !executable.known
        ? known(null)
        : mapFact(executable, (target) => placeOf(view.source, `${view.pid}/exe`, target)),
    workingDirectory: mapFact(view.link("cwd"), (target) =>
      placeOf(view.source, `${view.pid}/cwd`, target),
    ),
    root: view.link("root"),
  });
}

export function readCommand(view: ProcessView): Fact<CommandFacts> {
  const content = view.bytes("cmdline", COMMAND_BYTES);
  if (content.known && content.value.length === 0 && view.stat.state === "Z")
    return unknown("ended");
  return mapFact(content, (bytes) => {
    const words = bytes.toString("utf8", 0, bytes.length).split("\0");
    // The last word ends with a NUL too, unless the process wrote there itself.
    if (words[words.length - 1] === "") words.pop();
    return { words, cut: bytes.length >= COMMAND_BYTES };
  });
}

/** The environment it was started with, entry by entry, as bytes. What it set later itself is not seen. Needs the right to trace the process. */
export function readEnvironmentFacts(view: ProcessView): Fact<readonly Uint8Array[]> {
  const content = view.bytes("environ");
  if (content.known && content.value.length === 0 && view.stat.state === "Z")
    return unknown("ended");
  return mapFact(content, (bytes) => {
    const own = Buffer.from(bytes);
    const entries: Uint8Array[] = [];
    for (let start = 0; start < own.length;) {
      const nul = own.indexOf(0, start);
      const end = nul < 0 ? own.length : nul;
      if (end > start) entries.push(own.subarray(start, end));
      start = end + 1;
    }
    return entries;
  });
}

const DELETED = " (deleted)";

/** The kernel marks a name that is gone by a word behind it; a file may also be called that. */
export function placeOf(source: InspectSource, link: string, target: string): FilePlace {
  if (!target.endsWith(DELETED)) return { path: target, deleted: false };
  const file = source.stat(link);
  const named = statOf(target);
  const same = file !== null && named !== null && file.ino === named.ino && file.dev === named.dev;
  return same
    ? { path: target, deleted: false }
    : { path: target.slice(0, -DELETED.length), deleted: true };
}

function statOf(path: string): { readonly ino: number; readonly dev: number } | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    // Not to be reached from here: then it is not the same file either.
    return null;
  }
}
