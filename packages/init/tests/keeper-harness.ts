import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  assertNoLeaks,
  atEnd,
  childrenOf,
  isAlive,
  lines,
  pidNamespaceCommand,
  pidNamespaceSkip,
  readProcess,
  temporaryDirectory,
  until,
  waitForExit,
} from "@supervise/testkit";
import type { Exit, Lines, TestScope } from "@supervise/testkit";
import { OWN_PATH, program } from "./inits.js";

/** Where the keeper stands: as PID 1 of a namespace, or as a subreaper among us. */
export type Standing = "PID 1" | "subreaper";

export const STANDINGS: readonly Standing[] = ["PID 1", "subreaper"];

/** For a test's `skip`. */
export const standingSkip = (standing: Standing): string | false =>
  standing === "PID 1" ? pidNamespaceSkip() : false;

export interface KeptOptions {
  readonly standing?: Standing;
  /** Added to ours; `undefined` takes one away. With PONGS the supervisor answers pings until it is told to hang. */
  readonly env?: NodeJS.ProcessEnv;
  /** Of the init's option; "0", never, unless a test is about it: the supervisor here answers only when it is told to. */
  readonly hangAfter?: string;
  /** Before `up`. */
  readonly options?: readonly string[];
  /** Before the init: a program that executes what follows. */
  readonly through?: readonly string[];
  /** From `up` on. */
  readonly words?: readonly string[];
  /** Run in a shell before the init takes the shell's place. */
  readonly first?: string;
}

/** Thousands of processes are made within some commands. Only a hang meets it. */
const deadlineMs = 60_000;

/** A keeper above fixtures/keeper-supervisor.c, which is started in the place of Node. */
export interface Kept {
  /** What the supervisors print, one after the other. */
  readonly said: Lines;
  /** What the keeper prints. */
  readonly stderr: Lines;
  /** A folder of this test. */
  readonly folder: string;
  /** Gives the supervisor a command and waits until it says that it has done it. */
  tell(command: string): Promise<void>;
  /** Gives it a command that it will not survive, or not answer. */
  tellLast(command: string): void;
  /** Waits until a new supervisor has been told everything that is held. Its PID, as it sees it. */
  begun(): Promise<number>;
  /** PID of the init, seen from here. */
  initPid(): Promise<number>;
  exit(): Promise<Exit>;
}

/** Kills what is left below the init as well, which for a subreaper no namespace does. */
function endAll(child: number): void {
  const below = (pid: number): number[] => childrenOf(pid).flatMap((one) => [one, ...below(one)]);
  for (const pid of [...below(child), child]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // ESRCH: it has ended by itself.
    }
  }
}

export function startKeeper(t: TestScope, asked: KeptOptions = {}): Kept {
  assertNoLeaks(t);
  const folder = temporaryDirectory(t);
  const main = join(folder, "supervise.js");
  writeFileSync(main, "");
  const call = [
    ...(asked.through ?? []),
    OWN_PATH,
    "--hang-after",
    asked.hangAfter ?? "0",
    ...(asked.options ?? []),
    ...(asked.words ?? ["up"]),
  ];
  const shell =
    asked.first === undefined
      ? call
      : ["/bin/sh", "-c", `${asked.first}\nexec "$@"`, "sh", ...call];
  const command = asked.standing === "PID 1" ? pidNamespaceCommand(shell) : shell;
  const child = spawn(command[0] ?? "", command.slice(1), {
    cwd: folder,
    env: {
      ...process.env,
      SUPERVISE_NODE: program("keeper-supervisor"),
      SUPERVISE_COMMAND: main,
      ...asked.env,
    },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const pid = child.pid ?? -1;
  const said = lines(child.stdout);
  const stderr = lines(child.stderr);
  const log = (): string => stderr.all.join("\n");
  // A supervisor that died leaves its commands unread.
  child.stdin.on("error", () => {});
  atEnd(t, async () => {
    endAll(pid);
    await waitForExit(child);
    child.stdin.destroy();
    child.stdout.destroy();
    child.stderr.destroy();
  });
  const tellLast = (line: string): void => {
    child.stdin.write(`${line}\n`);
  };
  return {
    said,
    stderr,
    folder,
    tellLast,
    async tell(line) {
      tellLast(line);
      await said.match(new RegExp(`^did ${line.split(" ")[0]}$`), { log, deadlineMs });
    },
    async begun() {
      const [, number] = await said.match(/^supervisor (\d+)$/, { log, deadlineMs });
      await said.match(/^begin$/, { log, deadlineMs });
      return Number(number);
    },
    async initPid() {
      if (asked.standing !== "PID 1") return pid;
      return await until(() => childrenOf(pid)[0], { what: "process 1" });
    },
    exit: () => waitForExit(child),
  };
}

/** PID of the living supervisor, seen from here. What it spawned is in its process group; only itself leads one. */
export async function supervisorPid(kept: Kept): Promise<number> {
  const init = await kept.initPid();
  const leads = (pid: number): boolean => {
    const entry = readProcess(pid);
    return entry?.name === "keeper-supervis" && entry.pgid === pid && entry.state !== "Z";
  };
  return await until(() => childrenOf(init).find(leads), { what: "a supervisor" });
}

/** Waits until no process with this number is there, not even as a zombie. */
export async function gone(pid: number): Promise<void> {
  await until(() => !isAlive(pid), { what: `the end of process ${pid}` });
}
