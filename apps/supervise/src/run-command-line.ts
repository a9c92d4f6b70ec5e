import { openDialog } from "./dialog.js";
import { isTerminal } from "./is-terminal.js";
import { main } from "./main.js";
import { CommandError } from "./verb.js";
import type { VerbEntry } from "./verb.js";
import { writeAll } from "./write-all.js";

/** Runs the command line of this process with one of `verbs` and sets its exit code. */
export async function runCommandLine(verbs: readonly VerbEntry[]): Promise<void> {
  try {
    const io = {
      out: (text: string | Uint8Array) => writeAll(1, text),
      err: (text: string) => writeAll(2, text),
      outIsTerminal: isTerminal(1),
      errIsTerminal: isTerminal(2),
      columns: terminalColumns,
      environment: process.env,
      // Asked only by a verb that needs one: it may have been removed.
      get workingDirectory() {
        return workingDirectory();
      },
      openDialog,
    };
    process.exitCode = await main(process.argv.slice(2), io, verbs);
  } catch (error) {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    writeAll(2, `supervise: internal error: ${told}\n`);
    process.exitCode = 1;
  }
}

function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new CommandError("cannot tell the working directory: it is not there any more (ENOENT)", {
      hint: "change to a directory that is there",
      cause,
    });
  }
}

/** Asked only by a verb that draws: the streams of `process` are loaded at their first use. */
function terminalColumns(): number | null {
  const stream = isTerminal(1) ? process.stdout : isTerminal(2) ? process.stderr : null;
  const columns = stream?.columns ?? 0;
  return columns > 0 ? columns : null;
}
