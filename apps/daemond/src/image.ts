/**
 * Entry of the start-up image (scripts/image.mjs): what bin/daemond.js calls.
 */
import { useAddon } from "@supervise/daemon";
import { findAddon } from "./find-addon.js";
import { main } from "./main.js";

/** Runs the command line of this process; it ends with its exit code, or runs on as the daemon. */
export function runCommand(): void {
  void run();
}

async function run(): Promise<void> {
  useAddon(findAddon());
  const code = await main(process.argv.slice(2));
  if (code !== null) process.exit(code);
}
