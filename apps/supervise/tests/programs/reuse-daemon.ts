/**
 * Runs as PID 1 of a namespace with at most 400 numbers: starts a daemon, kills it, and makes processes until one has its number. Then the verbs are asked, and
 * told to stop "the daemon". Arguments: the command, a directory to write in.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { createKernel } from "@supervise/sys";

const [, , command = "", directory = ""] = process.argv;
const pidfile = join(directory, "d.pid");
const kernel = createKernel();
const MOST_NUMBERS = 400;
/** RESERVED_PIDS of kernel/pid.c: once the numbers have gone round, they begin again above these. */
const RESERVED = 300;

function supervise(...words: readonly string[]): {
  readonly code: number | null;
  readonly out: string;
} {
  const { status, stdout } = spawnSync(process.execPath, [command, ...words], { encoding: "utf8" });
  return { code: status, out: stdout };
}

/** Before Linux 6.14 the number is the machine's, and nothing for a test to change. */
function hasOwnLargestPid(): boolean {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  return major > 6 || (major === 6 && minor >= 14);
}

function end(pid: number): void {
  kernel.kill(pid, 9);
  while (!kernel.reap(() => false).some((child) => child.pid === pid));
}

function sleeper(): number {
  const result = kernel.spawn({
    files: ["/bin/sleep"],
    argv: ["sleep", "60"],
    env: [],
    descriptors: [],
    session: "new",
  });
  if ("stage" in result) throw new Error(`cannot spawn: ${JSON.stringify(result)}`);
  return result.pid;
}

function main(): void {
  if (!hasOwnLargestPid()) {
    console.log("skipped: before Linux 6.14 pid_max is the whole machine's");
    return;
  }
  writeFileSync("/proc/sys/kernel/pid_max", String(MOST_NUMBERS));
  let last = 0;
  while (last <= RESERVED) end((last = sleeper()));
  supervise("daemonize", "--pidfile", pidfile, "--", "sleep", "60");
  const daemon = Number(readFileSync(pidfile, "utf8"));
  // Its parent is PID 1 by now, which we are.
  end(daemon);
  for (let pid = sleeper(), count = 0; ; pid = sleeper(), count += 1) {
    if (pid === daemon) break;
    end(pid);
    if (count > 2 * MOST_NUMBERS) throw new Error(`number ${daemon} did not come again`);
  }
  const [told] = JSON.parse(supervise("pidfile", "--json", pidfile).out) as { verdict: string }[];
  const status = supervise("daemonize", "--status", "--pidfile", pidfile).code;
  const stopped = supervise("daemonize", "--stop", "--pidfile", pidfile).code;
  const strangerLives = kernel.reap(() => false).length === 0;
  const startedAgain = supervise("daemonize", "--pidfile", pidfile, "--", "sleep", "60").code;
  const facts = { stopped, verdict: told?.verdict, status, strangerLives, startedAgain };
  console.log(`verdicts: ${JSON.stringify(facts)}`);
}

main();
