import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { dirname, join } from "node:path";
import { atEnd, isAlive, temporaryDirectory, until } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";

/** apps/daemond/bin/daemond.js, as it is built. */
export const COMMAND: string = join(dirname(dirname(import.meta.dirname)), "bin/daemond.js");

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A daemon's files in a directory of their own, and the command run on them. */
export interface Place {
  readonly directory: string;
  readonly conf: string;
  readonly pidfile: string;
  readonly log: string;
  /** Writes the configuration anew: these lines after the usual ones. */
  configure(...lines: readonly string[]): void;
  /** The command to its end; detached, the daemon is left. */
  run(...words: readonly string[]): Promise<Finished>;
  /** Starts the daemon detached; its number. */
  start(): Promise<number>;
  /** All rows so far, without their stamps. */
  rows(): readonly string[];
  /** The first row behind so many that matches. */
  row(pattern: RegExp, after?: number): Promise<RegExpExecArray>;
  port(): number;
}

/** At the test's end every daemon that was started here is ended. */
export function place(t: TestScope): Place {
  const directory = temporaryDirectory(t);
  const conf = join(directory, "daemon.conf");
  const pidfile = join(directory, "daemond.pid");
  const log = join(directory, "daemond.log");
  const pids = new Set<number>();
  atEnd(t, async () => {
    for (const pid of pids) kill(pid, "SIGKILL");
    await until(() => [...pids].every((pid) => !isAlive(pid)), { what: "the daemons' end" });
  });
  const rows = (): readonly string[] =>
    (existsSync(log) ? readFileSync(log, "utf8") : "")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.replace(/^\S+ daemond\[\d+\]: /, ""));
  const run = async (...words: readonly string[]): Promise<Finished> => {
    const child = spawn(process.execPath, [COMMAND, ...words], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const text = { stdout: "", stderr: "" };
    child.stdout.on("data", (bytes: Buffer) => (text.stdout += bytes.toString()));
    child.stderr.on("data", (bytes: Buffer) => (text.stderr += bytes.toString()));
    const [code] = await once(child, "close");
    return { code: code as number | null, ...text };
  };
  const it: Place = {
    directory,
    conf,
    pidfile,
    log,
    configure: (...lines) =>
      writeFileSync(
        conf,
        [
          ...lines,
          `pid_file = ${pidfile}`,
          ...(lines.some((line) => /^log\b/.test(line)) ? [] : [`log = ${log}`]),
        ].join("\n"),
      ),
    run,
    async start() {
      const { code, stderr } = await run("--config", conf);
      if (code !== 0) throw new Error(`the daemon has not started (${code}): ${stderr}`);
      const pid = Number(readFileSync(pidfile, "utf8"));
      pids.add(pid);
      return pid;
    },
    rows,
    row: (pattern, after = 0) =>
      until(
        () =>
          rows()
            .slice(after)
            .map((row) => pattern.exec(row))
            .find((found) => found !== null),
        { what: `a row ${pattern}`, log: () => rows().join("\n") },
      ),
    port: () =>
      Number(
        rows()
          .flatMap((row) => /^listening on .*:(\d+),/.exec(row)?.[1] ?? [])
          .at(-1),
      ),
  };
  it.configure("port = 0");
  return it;
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // ESRCH: it is gone already.
  }
}

/** Once it is no process any more. */
export async function gone(pid: number): Promise<void> {
  await until(() => !isAlive(pid), { what: `the end of process ${pid}` });
}

/** What its descriptors are, by their numbers. */
export function descriptors(pid: number): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    try {
      found.set(Number(fd), readlinkSync(`/proc/${pid}/fd/${fd}`));
    } catch {
      // ENOENT: closed since.
    }
  }
  return found;
}

/** One connection that says this and reads to the end. */
export async function converse(port: number, text: string): Promise<string> {
  const { socket, end } = open(port);
  socket.write(text);
  return await end;
}

/** A connection that goes on; `end` settles with all that was read once it is closed. */
export function open(port: number): { readonly socket: Socket; readonly end: Promise<string> } {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.on("data", (bytes: Buffer) => (text += bytes.toString("latin1")));
  socket.on("error", () => undefined);
  return { socket, end: new Promise((resolve) => socket.once("close", () => resolve(text))) };
}

export function get(path: string, more = ""): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}\r\n`;
}
