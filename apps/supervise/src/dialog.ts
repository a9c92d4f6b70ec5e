import { closeSync, openSync, readSync } from "node:fs";
import { openProc, readStat } from "@supervise/process";
import { isTerminal } from "./is-terminal.js";
import { openKernel } from "./kernel.js";
import { writeAll } from "./write-all.js";
import type { Dialog } from "./verb.js";

const STDIN = 0;
const STDERR = 2;
/** More than a terminal gives in one line (termios(3), canonical mode). */
const LINE_BYTES = 4096;

/** Questions go to stderr, answers come a line at a time, as the terminal is set: Ctrl-C ends this process, as anywhere. */
export function openDialog(): Dialog | null {
  if (!isTerminal(STDIN) || !isTerminal(STDERR) || (process.env["CI"] ?? "") !== "") return null;
  // A background job that reads from its terminal is stopped (SIGTTIN).
  const own = readStat(openProc(openKernel()), process.pid);
  if (own === null || own.tpgid !== own.processGroup) return null;
  return {
    ask(question) {
      writeAll(STDERR, question);
      const line = readLine();
      // What stands next begins a line of its own.
      if (line === null) writeAll(STDERR, "\n");
      return line;
    },
  };
}

/** Opened anew: somebody may have made the descriptor that we were given non-blocking, and to wait is what we want. */
function readLine(): string | null {
  const fd = openSync("/dev/tty", "r");
  try {
    const buffer = Buffer.alloc(LINE_BYTES);
    const count = readSync(fd, buffer);
    return count === 0 ? null : buffer.toString("utf8", 0, count).replace(/\n$/, "");
  } finally {
    closeSync(fd);
  }
}
