/**
 * Entry of the start-up image (scripts/image.mjs): what bin/supervise.js calls.
 */
import { writeSync } from "node:fs";
import { isTerminal } from "./is-terminal.js";
import { main } from "./main.js";

/** Runs the command line of this process and sets its exit code. */
export function runCommand(): void {
  void run();
}

async function run(): Promise<void> {
  try {
    process.exitCode = await main(process.argv.slice(2), {
      out: (text) => write(1, text),
      err: (text) => write(2, text),
      outIsTerminal: isTerminal(1),
      errIsTerminal: isTerminal(2),
      columns: terminalColumns,
      environment: process.env,
      workingDirectory: process.cwd(),
    });
  } catch (error) {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    write(2, `supervise: internal error: ${told}\n`);
    process.exitCode = 1;
  }
}

/** Asked only by a verb that draws: the streams of `process` are loaded at their first use. */
function terminalColumns(): number | null {
  const stream = isTerminal(1) ? process.stdout : isTerminal(2) ? process.stderr : null;
  const columns = stream?.columns ?? 0;
  return columns > 0 ? columns : null;
}

/**
 * Straight to the descriptor: process.stdout would cost its loading at each start. A reader that has gone (EPIPE) wants no more; one that is slow
 * (EAGAIN, where somebody has made the terminal non-blocking) is waited for.
 */
function write(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let offset = 0; offset < bytes.length;) {
    try {
      offset += writeSync(fd, bytes, offset);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EAGAIN") continue;
      if (code === "EPIPE") process.exit(1);
      return;
    }
  }
}
