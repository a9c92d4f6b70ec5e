import { equal } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "@supervise/testkit";
import { runToEnd } from "./conformance.js";
import { OWN_PATH, program } from "./inits.js";

function whyNot(): string | false {
  if (process.env["SUPERVISE_INIT_SANITIZED"]) return "this build has its own checks";
  if (spawnSync("valgrind", ["--version"]).error) return "valgrind is not installed";
  return false;
}

/** Each way through the program that needs no other company than a child. */
const RUNS: readonly (readonly [code: number, ...words: string[]])[] = [
  [3, "--", "sh", "-c", "exit 3"],
  [0, "-vv", "-w", "-s", "--remap-exit", "143:0", "--", "sh", "-c", "kill -TERM $$"],
  // Valgrind makes a copy of what vfork(2) would share, so that no errno comes back: of a failed start it sees no more than this.
  [127, "--", "/nowhere"],
  [64, "--nonsense"],
  [64, "-r", "15:99", "--", "true"],
  [0, "--help"],
  [7, "-vv", "-w", "--", program("make-orphans"), "storm", "300"],
  [7, "--", program("make-orphans"), "chain", "50"],
  [5, "--grace", "50ms", "--", program("leave-behind")],
  [0, "--", program("echo-signals"), "queue", "1", "10", "15", "28", "34", "64"],
  [0, "-g", "-r", "15:3", "--", program("echo-signals"), "kill", "15", "34"],
  [
    137,
    "--kill-after",
    "10ms",
    "--",
    "sh",
    "-c",
    "trap '' TERM; kill -TERM $PPID; while :; do :; done",
  ],
];

test("valgrind finds no fault in any of its ways", { skip: whyNot() }, (t) => {
  const log = join(temporaryDirectory(t), "log");
  for (const [code, ...words] of RUNS) {
    const options = ["--quiet", "--error-exitcode=99", "--track-origins=yes", `--log-file=${log}`];
    const ended = runToEnd(["valgrind", ...options, OWN_PATH, ...words]);
    // Lines that begin otherwise are about valgrind itself, such as system calls it does not know.
    const faults = readFileSync(log, "utf8")
      .split("\n")
      .filter((line) => line.startsWith("=="));
    equal(faults.join("\n"), "", words.join(" "));
    equal(ended.code, code, `${words.join(" ")}: ${ended.stderr}`);
  }
});
