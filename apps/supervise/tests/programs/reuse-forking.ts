/**
 * Runs as PID 1 of a namespace with at most 400 numbers: a supervisor has a forking service, whose pidfile names a number that is given out again. Arguments: the
 * command, a directory to write in.
 */
import { spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { createClient } from "@supervise/control";
import type { ServiceStatus } from "@supervise/model";
import { createKernel } from "@supervise/sys";
import { readProcess, until } from "@supervise/testkit";

const [, , command = "", directory = ""] = process.argv;
const at = (name: string): string => join(directory, name);
const kernel = createKernel();
const client = createClient({ socketPath: at("run/control") });
const MOST_NUMBERS = 400;
/** RESERVED_PIDS of kernel/pid.c: once the numbers have gone round, they begin again above these. */
const RESERVED = 300;
/** Its main process has a child, and lives on without it. With a file "silent" it writes no pidfile. */
const DAEMON =
  "setsid sh -c 'sleep 61 & echo $! > child; [ -e silent ] || echo $$ > d.pid; wait; exec sleep 60' &";

/** Before Linux 6.14 the number is the machine's, and nothing for a test to change. */
function hasOwnLargestPid(): boolean {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  return major > 6 || (major === 6 && minor >= 14);
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

function end(pid: number): void {
  kernel.kill(pid, 9);
  while (!kernel.reap((other) => other !== pid).some((child) => child.pid === pid));
}

/** A process that has nothing to do with the service, under this number. */
function strangerAs(number: number): number {
  for (let count = 0; count < 3 * MOST_NUMBERS; count += 1) {
    const pid = sleeper();
    if (pid === number) return pid;
    end(pid);
  }
  throw new Error(`number ${number} did not come again`);
}

function numberIn(name: string): number {
  return Number(readFileSync(at(name), "utf8"));
}

async function stateIs(state: ServiceStatus["state"], run: number): Promise<ServiceStatus> {
  return until(() => client.service("daemon"), {
    is: (service) => service.state === state && service.run === run,
    what: `run ${run} to be ${state}`,
    deadlineMs: 20_000,
  });
}

async function act(action: "start" | "stop"): Promise<void> {
  const request = { action, names: ["daemon"], wait: action === "stop" };
  for await (const _ of client.act(request, new AbortController().signal));
}

async function told(what: RegExp): Promise<string> {
  return until(
    async () => {
      for await (const entry of client.events({ after: 0, follow: false }))
        if (entry.kind === "pidfile" && what.test(entry.message)) return entry.message;
      return "";
    },
    { what: `a word on the pidfile: ${what}` },
  );
}

function isUntouched(pid: number): boolean {
  return readProcess(pid)?.state === "S";
}

async function main(): Promise<void> {
  if (!hasOwnLargestPid()) {
    console.log("skipped: before Linux 6.14 pid_max is the whole machine's");
    return;
  }
  writeFileSync("/proc/sys/kernel/pid_max", String(MOST_NUMBERS));
  for (let last = 0; last <= RESERVED;) end((last = sleeper()));
  const daemon = {
    type: "forking",
    pidfile: "d.pid",
    command: ["sh", "-c", DAEMON.replaceAll("$", "$$$$")],
    stop_grace_period: "1s",
  };
  const services = { daemon, stay: { command: ["sleep", "60"] } };
  writeFileSync(at("supervise.yaml"), JSON.stringify({ name: "reuse", services }));
  const words = ["up", "--file", at("supervise.yaml"), "--runtime-dir", at("run")];
  const supervisor = spawn(process.execPath, [command, ...words], {
    cwd: directory,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, SUPERVISE_INIT: "" },
  });
  await until(
    () =>
      client.project().then(
        ({ pid }) => pid === supervisor.pid,
        () => false,
      ),
    {
      what: "the control socket",
      deadlineMs: 20_000,
    },
  );

  // The daemon is killed, and its number is a stranger's when it is started again.
  await stateIs("up", 1);
  const first = numberIn("d.pid");
  kernel.kill(first, 9);
  await stateIs("failed", 1);
  const stranger = strangerAs(first);
  writeFileSync(at("silent"), "");
  await act("start");
  const left = await told(new RegExp(`${first}.*(removed|not believed)$`));
  writeFileSync(at("d.pid"), `${first}\n`);
  await told(new RegExp(`is foreign: it names ${first}, which is "sleep 60"[^;]*$`));
  const { state } = await client.service("daemon");
  await act("stop");
  const untouchedByStop = isUntouched(stranger);

  // The pidfile of a daemon that runs names its child, whose number is a stranger's when the daemon is killed.
  rmSync(at("silent"));
  rmSync(at("d.pid"), { force: true });
  await act("start");
  const run = await stateIs("up", 3);
  const child = numberIn("child");
  writeFileSync(at("d.pid"), `${child}\n`);
  await told(new RegExp(`names ${child} now`));
  kernel.kill(child, 9);
  await until(() => readProcess(child) === null, { what: "the child to be gone" });
  const other = strangerAs(child);
  kernel.kill(run.pid ?? 0, 9);
  const ended = await stateIs("failed", 3);
  const facts = {
    left: /is foreign|given out again/.test(left),
    state,
    untouchedByStop,
    successor: ended.pid,
    ended: ended.lastExit?.text,
    untouched: isUntouched(stranger) && isUntouched(other),
  };
  console.log(`verdicts: ${JSON.stringify(facts)}`);
  supervisor.kill("SIGTERM");
}

await main();
