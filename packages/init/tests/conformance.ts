import { spawnSync } from "node:child_process";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { pidNamespaceCommand, pidNamespaceSkip } from "@supervise/testkit";
import type { ClaimName, Mode } from "./claims.js";
import { INITS, claims, program } from "./inits.js";
import type { Asked, Init } from "./inits.js";

/** How a run ended, with what it wrote, each byte a character. `code` is null if the init itself was ended by `signal`. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly asked?: Asked;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Words before the init, inside its namespace: such as `start-as block=all --`. */
  readonly through?: readonly string[];
  readonly argv0?: string;
}

/** One init in one mode. */
export interface Subject {
  readonly init: Init;
  readonly mode: Mode;
  /** The init with its options before the command; without a namespace. */
  words(command: readonly string[], asked?: Asked): string[];
  /** The whole command that starts the init in its mode. */
  command(command: readonly string[], options?: RunOptions): [string, ...string[]];
  /** Runs it to its end. A run that hangs fails. */
  run(command: readonly string[], options?: RunOptions): Ended;
  /** Runs it once for each number, in one go: the lines of run-many. "{}" in the command is the number. */
  runMany(first: number, last: number, command: readonly string[], more?: ManyOptions): string[];
}

export interface ManyOptions {
  readonly asked?: Asked;
  /** Signals sent before the init's first instruction. */
  readonly burst?: readonly number[];
  /** A signal sent at a moment that wanders from the start of the process to well behind that of its child. */
  readonly soon?: number;
}

/** Only a hang meets it; the programs of the fixtures live hardly longer. */
const TIMEOUT_MS = 120_000;

export function runToEnd(command: readonly string[], options: RunOptions = {}): Ended {
  const [file = "", ...args] = command;
  const ended = spawnSync(file, args, {
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
    maxBuffer: 1 << 28,
    encoding: "latin1",
    ...(options.env && { env: options.env }),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.argv0 !== undefined && { argv0: options.argv0 }),
  });
  if (ended.error) throw ended.error;
  return {
    code: ended.status,
    signal: ended.signal,
    stdout: ended.stdout,
    stderr: ended.stderr,
  };
}

export function subject(init: Init, mode: Mode): Subject {
  const words = (command: readonly string[], asked?: Asked): string[] => [
    init.path ?? init.name,
    ...init.options(mode, asked),
    ...command,
  ];
  const whole: Subject["command"] = (command, { asked, through = [] } = {}) => {
    const [first = "", ...rest] = [...through, ...words(command, asked)];
    return mode === "pid-1" ? pidNamespaceCommand([first, ...rest]) : [first, ...rest];
  };
  return {
    init,
    mode,
    words,
    command: whole,
    run: (command, options = {}) => runToEnd(whole(command, options), options),
    runMany(first, last, command, { asked, burst, soon } = {}) {
      const driver = [
        program("run-many"),
        ...(mode === "pid-1" ? ["--pid-1"] : []),
        ...(burst ? ["--burst", burst.join(",")] : []),
        ...(soon === undefined ? [] : ["--soon", String(soon)]),
        String(first),
        String(last),
        ...words(command, asked),
      ];
      const ended = runToEnd(mode === "pid-1" ? pidNamespaceCommand(driver) : driver);
      if (ended.code !== 0)
        throw new Error(`run-many ended with ${ended.code ?? ended.signal}: ${ended.stderr}`);
      return ended.stdout.trimEnd().split("\n");
    },
  };
}

export interface ConformanceOptions {
  /** The only modes in which the rule means something. */
  readonly modes?: readonly Mode[];
  /** Why the rule cannot be tested here. */
  readonly skip?: string | false;
}

/**
 * One test for each init that claims this, in each mode. An init that is not installed, or a mode that cannot be had here, is a skipped test with the
 * reason.
 */
export function conformance(
  claim: ClaimName,
  rule: string,
  body: (it: Subject, t: TestContext) => void | Promise<void>,
  { modes = ["pid-1", "subreaper"], skip = false }: ConformanceOptions = {},
): void {
  for (const init of INITS) {
    for (const mode of modes) {
      if (!claims(init, mode, claim)) continue;
      const missing = init.path === null && `${init.name} is not installed`;
      const impossible = mode === "pid-1" && pidNamespaceSkip();
      test(`${init.name} as ${mode}: ${rule}`, { skip: missing || impossible || skip }, (t) =>
        body(subject(init, mode), t),
      );
    }
  }
}
