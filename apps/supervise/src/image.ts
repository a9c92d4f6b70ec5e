/**
 * Entry of the start-up image of all verbs (scripts/image.mjs): what bin/supervise.js calls.
 */
import { runCommandLine } from "./run-command-line.js";
import { VERBS } from "./verbs.js";

/** Runs the command line of this process and sets its exit code. */
export function runCommand(): void {
  void runCommandLine(VERBS);
}
