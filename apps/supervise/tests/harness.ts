import { deepEqual } from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@supervise/control";
import type { ControlClient } from "@supervise/control";
import type { EventEntry, StateKind } from "@supervise/model";
import { atEnd, isAlive, readProcess, start, temporaryDirectory, until } from "@supervise/testkit";
import type { StartOptions, Started, TestScope } from "@supervise/testkit";

/** The built command. */
export const COMMAND: string = join(
  dirname(dirname(dirname(fileURLToPath(import.meta.url)))),
  "bin/supervise.js",
);

/** Services as the configuration writes them. */
export type Services = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What happened so far, in order; it follows the control socket. */
export interface Events {
  readonly all: readonly EventEntry[];
  /** The first entry behind number `after` that matches. Rejects at the deadline and shows what there was. */
  find(what: string, match: (entry: EventEntry) => boolean, after?: number): Promise<EventEntry>;
  /** The first entry behind `after` that puts the service into this state. */
  state(name: string, state: StateKind, after?: number): Promise<EventEntry>;
}

export interface BeginOptions extends StartOptions {
  /** Words before the command: a program that executes what follows. */
  readonly through?: readonly string[];
  /** Instead of the project's own. */
  readonly file?: string;
}

/** `supervise up` in the foreground. */
export interface Supervisor extends Started {
  readonly events: Events;
}

/** A configuration in a directory of its own, and the command run on it. */
export interface Project {
  readonly directory: string;
  readonly runtimeDirectory: string;
  readonly file: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly client: ControlClient;
  /** Writes the configuration anew. YAML is a superset of JSON. */
  write(services: Services, more?: Readonly<Record<string, unknown>>): void;
  /** `supervise VERB ...` on this project, not waited for. */
  begin(words: readonly string[], options?: BeginOptions): Started;
  /** `supervise VERB ...` to its end. */
  run(...words: readonly string[]): Promise<Finished>;
  /** `supervise up` in the foreground, once the control socket answers. */
  up(options?: BeginOptions & { readonly words?: readonly string[] }): Promise<Supervisor>;
  /** `supervise up -d`; resolves with the supervisor's number once it has reported. */
  detach(...words: readonly string[]): Promise<number>;
  /** Follows the events from the first that is kept. */
  follow(): Events;
  /** Number of the main process. */
  pid(name: string): Promise<number>;
  /** Every process that was started here and lives, by the mark in its environment: "PID COMMAND". */
  processes(): string[];
}

const MARK = "SUPERVISE_TEST";
const SIGKILL = 9;

/**
 * A project of its own. At the test's end a supervisor that still runs is told to stop at once, and the test fails if any process of the
 * project is left; such a one is ended then.
 */
export function project(
  t: TestScope,
  services: Services = {},
  more: Readonly<Record<string, unknown>> = {},
): Project {
  const directory = temporaryDirectory(t);
  const runtimeDirectory = join(directory, "run");
  const file = join(directory, "supervise.yaml");
  const { NODE_EXTRA_CA_CERTS: _, NO_COLOR: __, FORCE_COLOR: ___, ...inherited } = process.env;
  const environment = {
    ...inherited,
    [MARK]: directory,
    XDG_CACHE_HOME: join(directory, "cache"),
    // Most tests are about a supervisor by itself; those about one under the init ask for it (keeper-harness.ts).
    SUPERVISE_INIT: "",
  };
  const socketPath = join(runtimeDirectory, "control");
  const client = createClient({ socketPath });

  // A dollar sign would be interpolated.
  const write: Project["write"] = (next, rest = {}) =>
    writeFileSync(
      file,
      JSON.stringify({ name: "test", ...rest, services: next }, null, 2).replaceAll("$", "$$$$"),
    );
  write(services, more);

  const processes = (): string[] => marked(directory).map((pid) => `${pid} ${commandLine(pid)}`);
  atEnd(t, async () => {
    const left = marked(directory);
    // A command of a supervisor that ended may have its SIGKILL and not yet the time to end of it.
    const text = left.filter((pid) => !isKilled(pid)).map((pid) => `${pid} ${commandLine(pid)}`);
    for (const pid of left) kill(pid, "SIGKILL");
    await until(() => marked(directory), {
      is: (pids) => pids.length === 0,
      what: "the processes that were left to be gone",
    });
    deepEqual(text, [], "processes are left");
  });

  const begin: Project["begin"] = (words, options = {}) => {
    const [verb = "", ...rest] = words;
    const { through = [], file: asked = file, ...others } = options;
    const command = [
      ...through,
      process.execPath,
      COMMAND,
      verb,
      "--file",
      asked,
      "--runtime-dir",
      runtimeDirectory,
      ...rest,
    ];
    const [program = "", ...args] = command;
    const started = start(t, program, args, { cwd: directory, env: environment, ...others });
    // Before its process group is killed: its services have their own.
    if (verb === "up") atEnd(t, () => endSupervisors(directory));
    return started;
  };
  const follow = (): Events => followEvents(t, client);

  return {
    directory,
    runtimeDirectory,
    file,
    environment,
    client,
    write,
    begin,
    run: (...words) => finish(begin(words)),
    async up({ words = [], ...options } = {}) {
      const started = begin(["up", ...words], options);
      await until(
        async () =>
          ended(started) ||
          [(await client.project()).pid, -1].includes(
            options.through === undefined ? started.pid : -1,
          ),
        { what: "the control socket to answer" },
      );
      if (ended(started)) throw new Error(`up has ended: ${JSON.stringify(await finish(started))}`);
      return { ...started, events: follow() };
    },
    async detach(...words) {
      const { code, stdout, stderr } = await finish(begin(["up", "-d", ...words]));
      const pid = Number(/supervised by pid (\d+)/.exec(stdout)?.[1] ?? 0);
      if (pid === 0) throw new Error(`up -d ended with ${code}: ${stdout}${stderr}`);
      return pid;
    },
    follow,
    async pid(name) {
      const { pid, state, reason } = await client.service(name);
      if (pid === null) throw new Error(`${name} has no process: it is ${state}: ${reason}`);
      return pid;
    },
    processes,
  };
}

/** Resolves when a command has ended, with all that it said. */
export async function finish(started: Started): Promise<Finished> {
  const { code } = await started.exit();
  const [stdout, stderr] = await Promise.all([started.stdout.rest(), started.stderr.rest()]);
  const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

function ended({ child }: Started): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Sends a signal; a process that is gone already is none. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Sends a signal that can be no other than a second request to end: the same signal within 100 ms counts as the first. */
export async function insist(pid: number, signal: NodeJS.Signals): Promise<void> {
  const sinceMs = performance.now();
  await until(() => performance.now() - sinceMs > 110, { what: "the time of the first request" });
  kill(pid, signal);
}

/** Resolves when the process is gone, zombie or not. Its number may soon be another's. */
export async function gone(pid: number): Promise<void> {
  const it = identity(pid);
  await until(() => !isAlive(pid) || identity(pid) !== it, {
    what: `the end of process ${pid} (${commandLine(pid)})`,
  });
}

/** One field of /proc/PID/status, such as "SigBlk". */
export function statusField(pid: number, field: string): string {
  const line = readFileSync(`/proc/${pid}/status`, "utf8")
    .split("\n")
    .find((text) => text.startsWith(`${field}:`));
  return line?.slice(field.length + 1).trim() ?? "";
}

/** Is SIGKILL on its way to the process, or is it gone? */
function isKilled(pid: number): boolean {
  try {
    return ["SigPnd", "ShdPnd"].some((field) => {
      const pending = BigInt(`0x${statusField(pid, field)}`);
      return ((pending >> BigInt(SIGKILL - 1)) & 1n) === 1n;
    });
  } catch {
    return true;
  }
}

export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "(gone)";
  }
}

/** The text of /proc/PID/environ as entries; none where the process is gone. */
export function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean);
  } catch {
    return [];
  }
}

function marked(directory: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter(
      (pid) =>
        pid !== process.pid && isAlive(pid) && environmentOf(pid).includes(`${MARK}=${directory}`),
    );
}

async function endSupervisors(directory: string): Promise<void> {
  for (const pid of marked(directory))
    if (commandLine(pid).includes(`${COMMAND} up`)) await endAtOnce(pid);
}

/** Twice SIGTERM means at once. */
async function endAtOnce(pid: number): Promise<void> {
  kill(pid, "SIGTERM");
  kill(pid, "SIGINT");
  try {
    await until(() => !isAlive(pid), { what: `supervisor ${pid} to end` });
  } catch (error) {
    kill(pid, "SIGKILL");
    throw error;
  }
}

function followEvents(t: TestScope, client: ControlClient): Events {
  const all: EventEntry[] = [];
  const abort = new AbortController();
  const reading = (async () => {
    for await (const entry of client.events({ after: 0, follow: true }, abort.signal))
      all.push(entry);
  })().catch(() => undefined); // The supervisor was killed: what it had said until then stands.
  atEnd(t, async () => {
    abort.abort();
    await reading;
  });
  const find: Events["find"] = (what, match, after = 0) =>
    until(() => all.find((entry) => entry.seq > after && match(entry)), {
      what,
      log: () => all.map(({ seq, kind, message }) => `${seq} ${kind} ${message}`).join("\n"),
    });
  return {
    all,
    find,
    state: (name, state, after) =>
      find(
        `${name} to be ${state}`,
        (entry) => entry.service === name && entry.state === state,
        after,
      ),
  };
}

/** Start time and number: names a process for good. */
export function identity(pid: number): string {
  return `${pid}@${readProcess(pid)?.startTime ?? "gone"}`;
}

/** Resolves once a process has the descriptors 0 to 2 and no other. One that was just executed opens its libraries first. */
export async function hasOnlyStandardDescriptors(pid: number): Promise<void> {
  await until(() => readdirSync(`/proc/${pid}/fd`).toSorted().join(), {
    is: (open) => open === "0,1,2",
    what: `process ${pid} to have the descriptors 0 to 2 alone`,
  });
}
