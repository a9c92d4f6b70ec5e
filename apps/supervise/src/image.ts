/**
 * Entry of the start-up image (scripts/image.mjs): what bin/supervise.js calls.
 */
import { openDialog } from "./dialog.js";
import { isTerminal } from "./is-terminal.js";
import { main } from "./main.js";
import { writeAll } from "./write-all.js";

/** Runs the command line of this process and sets its exit code. */
export function runCommand(): void {
  void run();
}

async function run(): Promise<void> {
  try {
    process.exitCode = await main(process.argv.slice(2), {
      out: (text) => writeAll(1, text),
      err: (text) => writeAll(2, text),
      outIsTerminal: isTerminal(1),
      errIsTerminal: isTerminal(2),
      columns: terminalColumns,
      environment: process.env,
      workingDirectory: process.cwd(),
      openDialog,
    });
  } catch (error) {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    writeAll(2, `supervise: internal error: ${told}\n`);
    process.exitCode = 1;
  }
}

/** Asked only by a verb that draws: the streams of `process` are loaded at their first use. */
function terminalColumns(): number | null {
  const stream = isTerminal(1) ? process.stdout : isTerminal(2) ? process.stderr : null;
  const columns = stream?.columns ?? 0;
  return columns > 0 ? columns : null;
}
