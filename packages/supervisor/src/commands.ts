/**
 * Short commands beside the services: health tests, `ready: command`, stop and reload commands. They run through execa, loaded at the first use.
 */
import type { CommandSpec } from "@supervise/model";
import { applyWords, readApplyFailure, type SpawnPlan } from "@supervise/process";
import { errnoName, errnoNumber, errnoText, type Kernel, type SpawnRequest } from "@supervise/sys";

/** What a command inherits from the service that it belongs to. */
export interface CommandSetting {
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly uid: number | null;
  readonly gid: number | null;
  /** Null: the supervisor's. */
  readonly umask: number | null;
  readonly limits: NonNullable<SpawnRequest["limits"]>;
  /** What the service's process is spawned with, for all that Node's child processes know nothing of. Null: there is nothing of that. */
  readonly request: SpawnPlan["request"] | null;
}

/** `output` is the end of stdout and stderr together, for messages; control characters are taken out. */
export type CommandResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly detail: string; readonly output: string };

/** Runs short commands and keeps their process numbers out of our reaper's hands: their status belongs to the event loop's own. */
export interface Commands {
  /** Never throws. Past `timeoutMs` or when `signal` is aborted the command's process group gets SIGKILL. */
  run(
    command: CommandSpec,
    setting: CommandSetting,
    timeoutMs: number,
    signal: AbortSignal | null,
  ): Promise<CommandResult>;
  /** Is this child the event loop's? */
  owns(pid: number): boolean;
  /** A child that was started through Node by somebody else is the event loop's too, until the returned function is called. */
  claim(pid: number): () => void;
  /** Commands that run now. */
  readonly running: number;
}

const OUTPUT_KEPT = 300;
/** Descriptors of a command: stdin, stdout, stderr, and behind them the leash. */
const FIRST_LEASHED = 3;
const NOBODY_ELSE = { uid: null, gid: null };
/** Two for the output, one for libuv's news of the exec, one for the leash, and as many for whatever another thread opens meanwhile. */
const SPARE_PIPES = 8;
/** Exit code of a command that could not be executed, as a shell has it. */
const NOT_EXECUTED = 127;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It was never started. */
  readonly failure: string | null;
}

/** None outlives us, however we end: each has a leash, that is the read end of a pipe whose other end is ours. */
export function createCommands(
  kernel: Pick<Kernel, "pipe" | "close" | "leash" | "setLimitOf">,
): Commands {
  const pids = new Set<number>();

  const run = async (
    command: CommandSpec,
    setting: CommandSetting,
    timeoutMs: number,
    signal: AbortSignal | null,
  ): Promise<CommandResult> => {
    let execa: typeof import("./execa.js").execa;
    try {
      ({ execa } = await import("./execa.js"));
    } catch (error) {
      const cause = causeOf(error as NodeJS.ErrnoException);
      return { ok: false, detail: `starting a command: ${cause}`, output: "" };
    }
    if (signal?.aborted === true) return { ok: false, detail: "it was given up", output: "" };
    const scarce = lackOfDescriptors(kernel);
    if (scarce !== null) {
      const cause = `${errnoText(scarce)} (${errnoName(scarce)})`;
      return { ok: false, detail: `starting a command: ${cause}`, output: "" };
    }
    const pipe = kernel.pipe();
    const leash = typeof pipe === "number" ? null : pipe;
    // Numbers beyond 2 are missing in execa's types only: Node takes them.
    const leashed = leash === null ? [] : [leash.read as unknown as "inherit"];
    const applied =
      setting.request === null
        ? null
        : applyWords(
            setting.request,
            command.words,
            setting.environment["PATH"],
            FIRST_LEASHED + leashed.length,
          );
    const [file = "", ...words] = applied ?? command.words;
    const { uid, gid } = applied === null ? setting : NOBODY_ELSE;
    // The child takes it over at its birth, which is done when the call returns.
    const umask = setting.umask === null ? null : process.umask(setting.umask);
    const child = execa(file, words, {
      // The program that applies the rest goes there itself, behind the root directory.
      cwd: applied === null ? setting.workingDirectory : "/",
      env: setting.environment,
      extendEnv: false,
      ...(uid === null ? {} : { uid }),
      ...(gid === null ? {} : { gid }),
      stdio: ["ignore", "pipe", "pipe", ...leashed],
      all: true,
      buffer: false,
      reject: false,
      // Own process group: a test that hangs in a child of its shell must end as a whole.
      detached: true,
      cleanup: false,
    });
    if (umask !== null) process.umask(umask);
    let tail = "";
    child.all.setEncoding("utf8");
    child.all.on("data", (text: string) => {
      tail = (tail + text).slice(-OUTPUT_KEPT);
    });
    const pid = child.pid;
    if (pid !== undefined) {
      pids.add(pid);
      for (const [resource, soft, hard] of applied === null ? setting.limits : [])
        kernel.setLimitOf(pid, resource, soft, hard);
      if (leash !== null) kernel.leash(leash.read, pid);
    }
    let timedOut = false;
    const kill = (): void => {
      if (pid === undefined) return;
      try {
        process.kill(-pid, "SIGKILL");
      } catch {
        // ESRCH: it has ended meanwhile, which is what was wanted.
      }
    };
    const limit = setTimeout(() => {
      timedOut = true;
      kill();
    }, timeoutMs);
    signal?.addEventListener("abort", kill);
    // Not the end of the output: what the command left in the background may hold the pipe for ever.
    const ended = new Promise<Ended>((resolve) => {
      child.once("exit", (code, endSignal) => resolve({ code, signal: endSignal, failure: null }));
      child.once("error", (error: NodeJS.ErrnoException) =>
        resolve({ code: null, signal: null, failure: causeOf(error) }),
      );
    });
    const result = await ended;
    // Its last words may come a turn after its end.
    if (applied !== null && result.code === NOT_EXECUTED)
      await new Promise((resolve) => setImmediate(resolve));
    clearTimeout(limit);
    signal?.removeEventListener("abort", kill);
    child.all.destroy();
    if (leash !== null) {
      // What it has left in the background is on its own.
      kernel.leash(leash.read, 0);
      kernel.close(leash.read);
      kernel.close(leash.write);
    }
    if (pid !== undefined) pids.delete(pid);
    if (result.code === 0) return { ok: true };
    const failure = applied === null ? null : readApplyFailure(tail);
    if (failure !== null) return notStarted(command, failure);
    const output = clean(tail);
    if (timedOut) return { ok: false, detail: `took longer than ${timeoutMs / 1_000} s`, output };
    if (result.failure !== null)
      return { ok: false, detail: `executing "${file}": ${result.failure}`, output };
    return {
      ok: false,
      detail: result.signal === null ? `exit code ${result.code}` : `killed by ${result.signal}`,
      output,
    };
  };

  return {
    run,
    owns: (pid) => pids.has(pid),
    claim: (pid) => {
      pids.add(pid);
      return () => void pids.delete(pid);
    },
    get running() {
      return pids.size;
    },
  };
}

/**
 * A negative errno where the descriptors that a start takes for a moment can't be had. Node's child process has no pipes then, on which execa fails before it listens for
 * the error: that would be the end of the supervisor.
 */
function lackOfDescriptors(kernel: Pick<Kernel, "pipe" | "close">): number | null {
  const pipes: Exclude<ReturnType<Kernel["pipe"]>, number>[] = [];
  let failure: number | null = null;
  while (failure === null && pipes.length < SPARE_PIPES) {
    const pipe = kernel.pipe();
    if (typeof pipe === "number") failure = pipe;
    else pipes.push(pipe);
  }
  for (const { read, write } of pipes) {
    kernel.close(read);
    kernel.close(write);
  }
  return failure;
}

/** "no such file or directory (ENOENT)"; the message of what is no error of the system. */
function causeOf({ code, message }: NodeJS.ErrnoException): string {
  const errno = code === undefined ? null : errnoNumber(code);
  return errno === null ? message : `${errnoText(errno)} (${code})`;
}

function notStarted(
  { words }: CommandSpec,
  { stage, errno }: { readonly stage: string; readonly errno: number },
): CommandResult {
  const what = stage === "exec" ? `executing "${words[0] ?? ""}"` : `setting its ${stage}`;
  return { ok: false, detail: `${what}: ${errnoText(errno)} (${errnoName(errno)})`, output: "" };
}

function clean(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
}
