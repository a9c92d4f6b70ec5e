import { openProc } from "@supervise/process";
import { openKernel } from "../kernel.js";
import { becomeInit } from "../up/become-init.js";
import { optionWords } from "../up/options.js";
import { CommandError, EXIT_USAGE } from "../verb.js";
import type { OptionSpec, Verb, VerbContext } from "../verb.js";

const NEVER_REPEATED = { repeatable: false } as const;
const REPEATED = { repeatable: true } as const;

/** Those of supervise-init, by the same names. */
const OPTIONS: readonly OptionSpec[] = [
  option("group", "g", null, "signals go to the command's process group"),
  option("single-child", "c", null, "signals go to the command alone (the default)"),
  {
    ...option("rewrite", "r", "FROM:TO", "pass signal TO on in place of FROM; TO 0 drops it"),
    ...REPEATED,
  },
  option(
    "kill-after",
    null,
    "DURATION",
    "kill the command so long after the first TERM, INT or QUIT (never)",
  ),
  option(
    "grace",
    null,
    "DURATION",
    "time between TERM and KILL for what the command left behind (5s)",
  ),
  { ...option("remap-exit", null, "FROM:TO", "exit with code TO in place of FROM"), ...REPEATED },
  {
    ...option("exit-as-success", "e", "CODE", "the same as --remap-exit CODE:0"),
    ...REPEATED,
  },
  option("subreaper", "s", null, "adopt orphans; always done when it is not PID 1"),
  option(
    "parent-death",
    "p",
    "SIGNAL",
    "act as if SIGNAL came when the parent of this process ends",
  ),
  option("warn-on-reap", "w", null, "say which orphans were collected"),
  { ...option("verbose", "v", null, "say more on standard error; twice: still more"), ...REPEATED },
];

export const verb: Verb = {
  name: "run",
  summary: "run one command under the init, in place of this process",
  usage: "-- COMMAND [ARG...]",
  takesCommand: true,
  options: OPTIONS,
  run: (context) => {
    const { io, options } = context;
    const command = commandOf(context);
    const kernel = openKernel();
    const asked = OPTIONS.flatMap((spec) => optionWords(spec, options[spec.long]));
    const bytes = lastWords(openProc(kernel).bytes("self/cmdline"), command.length);
    return becomeInit(kernel, io.environment, [...asked, "--", ...(bytes ?? command)]);
  },
};

function option(
  long: string,
  short: string | null,
  value: string | null,
  help: string,
): OptionSpec {
  return { long, short, value, help, ...NEVER_REPEATED };
}

function commandOf({ words, rest }: VerbContext): readonly string[] {
  const command = rest ?? words;
  if (command.length > 0 && (rest === null || words.length === 0)) return command;
  throw new CommandError("cannot run a command: one must be named", {
    exitCode: EXIT_USAGE,
    hint: "supervise run -- sleep 10",
  });
}

/** The last words of our command line as they were given, which Node has read as UTF-8; null: /proc does not tell. */
function lastWords(line: Uint8Array | null, count: number): readonly Uint8Array[] | null {
  if (line === null) return null;
  const words: Uint8Array[] = [];
  const bytes = Buffer.from(line);
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0, start);
    words.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return words.length < count ? null : words.slice(-count);
}
