import { deepEqual, equal } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "@supervise/testkit";
import { runToEnd } from "./conformance.js";
import { OWN_PATH, program } from "./inits.js";
import { startKeeper, supervisorPid } from "./keeper-harness.js";

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

const under = (log: string): readonly string[] => [
  "valgrind",
  "--quiet",
  "--error-exitcode=99",
  "--track-origins=yes",
  `--log-file=${log}`,
];

/** Lines that begin otherwise are about valgrind itself, such as system calls it does not know. */
function faults(log: string): string {
  const lines = readFileSync(log, "utf8").split("\n");
  return lines.filter((line) => line.startsWith("==")).join("\n");
}

test("valgrind finds no fault in any of its ways", { skip: whyNot() }, (t) => {
  const log = join(temporaryDirectory(t), "log");
  for (const [code, ...words] of RUNS) {
    const ended = runToEnd([...under(log), OWN_PATH, ...words]);
    equal(faults(log), "", words.join(" "));
    equal(ended.code, code, `${words.join(" ")}: ${ended.stderr}`);
  }
});

test("valgrind finds no fault in the keeper", { skip: whyNot() }, async (t) => {
  const log = join(temporaryDirectory(t), "log");
  const kept = startKeeper(t, { through: under(log) });
  await kept.begun();
  await kept.tell("ready");
  for (const command of ["deposit a 1", "deposit b 1 1 1", "withdraw b", "deposit environment 1"])
    await kept.tell(command);
  await kept.said.match(/^refused EPERM 67 environment$/);
  await kept.tell("fuzz 7 300");
  await kept.tell("spawn 3");
  await kept.said.match(/^exit 1 /);
  const init = await kept.initPid();
  process.kill(init, "SIGHUP");
  await kept.said.match(/^signal 1 1 /);
  // The next one is told of all that was not acknowledged.
  process.kill(await supervisorPid(kept), "SIGKILL");
  await kept.begun();
  await kept.said.match(/^signal 1 1 /);
  const path = join(kept.folder, "reason");
  await kept.tell(`settings 1000 20 60000 ${path}`);
  await kept.said.match(/^ping /);
  await kept.tell("finished 5 valgrind is content");
  kept.tellLast("exit 0");
  deepEqual(await kept.exit(), { code: 5, signal: null });
  equal(readFileSync(path, "utf8"), "valgrind is content");
  equal(faults(log), "");
});
