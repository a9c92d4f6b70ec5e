/**
 * Runs as PID 1 of a namespace of its own: lets a process end and others be made until one has its number, then asks what the old identity
 * and the old pidfile are worth. Argument: a directory to write in.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  examinePidfile,
  openProc,
  readIdentity,
  sameProcess,
  signalProved,
  writePidfile,
} from "@supervise/process";
import { createKernel } from "@supervise/sys";

const kernel = createKernel();
const proc = openProc(kernel);
const directory = process.argv[2] ?? "";

function spawn(command: readonly string[]): number {
  const result = kernel.spawn({
    files: ["/bin/sh"],
    argv: ["sh", "-c", ...command],
    env: ["PATH=/usr/bin:/bin"],
    descriptors: [],
    session: "new",
  });
  if (!("pid" in result)) throw new Error(`cannot spawn: ${JSON.stringify(result)}`);
  return result.pid;
}

function end(pid: number): void {
  kernel.kill(pid, 9);
  while (kernel.reap((other) => other !== pid).length === 0);
}

function main(): void {
  const first = spawn(["exec sleep 60"]);
  const identity = readIdentity(proc, first);
  const path = join(directory, "x.pid");
  writePidfile(kernel, path, first);
  end(first);

  // The kernel gives out the number after this one next (proc_sys_kernel(5)); only this namespace is concerned.
  try {
    writeFileSync("/proc/sys/kernel/ns_last_pid", String(first - 1));
  } catch (error) {
    console.log(`skipped: the next number cannot be set: ${String(error)}`);
    return;
  }
  console.log("ready");
  let second = spawn(["exec sleep 60"]);
  // The start time has a resolution of 10 ms: within the same tick nothing tells the two apart.
  while (readIdentity(proc, second)?.startTicks === identity?.startTicks) {
    end(second);
    writeFileSync("/proc/sys/kernel/ns_last_pid", String(first - 1));
    second = spawn(["exec sleep 60"]);
  }
  const verdicts = {
    samePid: second === first,
    sameProcess: identity !== null && sameProcess(proc, identity),
    byRecord: examinePidfile(proc, path, { record: identity }).kind,
    signalled: identity !== null && signalProved({ kernel, proc }, identity, 9),
    successorLives: readIdentity(proc, second) !== null,
  };
  console.log(`verdicts ${JSON.stringify(verdicts)}`);
}

main();
