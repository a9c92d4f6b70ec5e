/**
 * Entry of the start-up image of `supervise up` alone: what bin/supervise.js calls where that is the verb. A supervisor starts faster, and needs less memory,
 * where nothing of the other verbs is loaded; and what is imported from its first line on, the bundler can rid of all that nobody calls.
 */
import { runCommandLine } from "./run-command-line.js";
import { verb } from "./up/verb.js";

/** Runs the command line of this process and sets its exit code. */
export function runCommand(): void {
  void runCommandLine([{ name: verb.name, load: () => Promise.resolve(verb) }]);
}
