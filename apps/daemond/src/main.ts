import { writeSync } from "node:fs";
import { createKernel } from "@supervise/daemon";
import { createClock } from "./clock.js";
import { parseCommandLine, USAGE } from "./command-line.js";
import { runDaemon } from "./daemon.js";
import { ConfError, readConf } from "./read-conf.js";
import { VERSION } from "./version.js";

/** 1: it can't start. */
const REFUSED = 1;
const WRONG_USAGE = 64;
const BAD_CONFIGURATION = 78;

/** The command: settles with its exit code, or with null where a daemon runs on in this process. */
export async function main(words: readonly string[]): Promise<number | null> {
  const asked = parseCommandLine(words);
  try {
    switch (asked.kind) {
      case "wrong":
        say(2, `daemond: ${asked.what}\n${USAGE}`);
        return WRONG_USAGE;
      case "help":
        say(1, USAGE);
        return 0;
      case "version":
        say(1, `daemond ${VERSION}\n`);
        return 0;
      case "check":
        readConf(asked.conf);
        return 0;
      case "measure": {
        const { measure } = await import("./measure/measure.js");
        return await measure(asked.runs, createKernel(), (text) => say(1, text));
      }
      case "run":
        await runDaemon({ ...asked, clock: createClock() });
        return null;
    }
  } catch (error) {
    const messages = error instanceof ConfError ? error.messages : [messageOf(error)];
    for (const text of messages) say(2, `daemond: ${text}\n`);
    return error instanceof ConfError ? BAD_CONFIGURATION : REFUSED;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Straight to the descriptor: the streams of `process` would cost their loading at each start. A reader that has gone wants no more. */
function say(fd: 1 | 2, text: string): void {
  try {
    writeSync(fd, text);
  } catch {
    // EPIPE, EAGAIN: the exit code tells the rest.
  }
}
