import { equal } from "node:assert/strict";
import { chmodSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { atEnd, isAlive, start, temporaryDirectory, until } from "@supervise/testkit";
import type { StartOptions, Started, TestScope } from "@supervise/testkit";
import { COMMAND, environmentOf, finish, kill } from "./harness.js";
import type { Finished } from "./harness.js";

/** A directory of its own for a daemon's files, and the verb run on them. */
export interface DaemonRoom {
  readonly directory: string;
  readonly pidfile: string;
  readonly lockfile: string;
  /** Marks what is started with it as of this room. */
  readonly environment: NodeJS.ProcessEnv;
  /** `supervise daemonize ...`, not waited for. */
  begin(words: readonly string[], options?: StartOptions): Started;
  /** `supervise daemonize ...` to its end. */
  run(...words: readonly string[]): Promise<Finished>;
  /** `supervise VERB ...` to its end. */
  verb(...words: readonly string[]): Promise<Finished>;
  /** Starts the command with the pidfile of this room, and gives the number of the daemon. Fails the test where it does not start. */
  daemon(command: readonly string[], ...options: readonly string[]): Promise<number>;
  /** Every process that was started here and lives. */
  processes(): readonly number[];
}

const MARK = "SUPERVISE_DAEMON_TEST";

/** At the test's end every process that was started here gets SIGKILL. */
export function daemonRoom(t: TestScope): DaemonRoom {
  const directory = temporaryDirectory(t);
  chmodSync(directory, 0o755);
  const pidfile = join(directory, "d.pid");
  const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
  const env = { ...inherited, [MARK]: directory };
  const processes = (): readonly number[] =>
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => isAlive(pid) && environmentOf(pid).includes(`${MARK}=${directory}`));
  atEnd(t, async () => {
    for (const pid of processes()) kill(pid, "SIGKILL");
    await until(processes, { is: (left) => left.length === 0, what: "the daemons to be gone" });
  });
  const begin: DaemonRoom["begin"] = (words, options = {}) =>
    start(t, process.execPath, [COMMAND, ...words], { cwd: directory, env, ...options });
  const room: DaemonRoom = {
    directory,
    pidfile,
    lockfile: `${pidfile}.lock`,
    environment: env,
    begin: (words, options) => begin(["daemonize", ...words], options),
    run: (...words) => finish(begin(["daemonize", ...words])),
    verb: (...words) => finish(begin(words)),
    async daemon(command, ...options) {
      const { code, stderr } = await room.run("--pidfile", pidfile, ...options, "--", ...command);
      equal(stderr, "");
      equal(code, 0);
      return Number(readFileSync(pidfile, "utf8"));
    },
    processes,
  };
  return room;
}

/** What each descriptor of a process is, by number. */
export function descriptorsOf(pid: number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(`/proc/${pid}/fd`).map((fd) => [fd, readlinkSync(`/proc/${pid}/fd/${fd}`)]),
  );
}

/** Resolves once the descriptors of a process are these. What the loader of a program that was just executed opens is soon closed again. */
export async function untilDescriptors(
  pid: number,
  expected: Readonly<Record<string, string>>,
): Promise<void> {
  await until(() => descriptorsOf(pid), {
    is: (open) => isDeepStrictEqual(open, expected),
    what: `process ${pid} to have open ${JSON.stringify(expected)} alone`,
  });
}

/** Flags of open(2) of a descriptor. */
export function openFlags(pid: number, fd: number): number {
  const text = readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8");
  return Number.parseInt(/^flags:\s+(\d+)$/m.exec(text)?.[1] ?? "", 8);
}

/** Controlling terminal of a process, 0: none (field 7 of proc_pid_stat(5)). */
export function terminalOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[4]);
}
