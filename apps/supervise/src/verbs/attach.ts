import { constants } from "node:os";
import { signalNumber } from "@supervise/sys";
import { optionGiven, optionText, SOCKET } from "../common-options.js";
import { durationOption } from "../duration-option.js";
import { isTerminal } from "../is-terminal.js";
import { openKernel } from "../kernel.js";
import { findSupervisor } from "../locate.js";
import { CommandError, EXIT_USAGE } from "../verb.js";
import type { Verb, VerbContext } from "../verb.js";
import { keysOfText } from "./attach-keys.js";
import type { SessionEnd } from "./attach/session.js";
import { comesBack } from "./over-its-end.js";

const DEFAULT_KEYS = "ctrl-p,ctrl-q";
/** Long enough for an answer, short enough to wait for. */
const IDLE_MS = 1_000;

export const verb: Verb = {
  name: "attach",
  summary: "type into a service and see what it writes: its terminal, where it has one",
  usage: "NAME",
  options: [
    {
      long: "detach-keys",
      short: null,
      value: "KEYS",
      repeatable: false,
      help: 'keys that leave it running, such as ctrl-a,d; "" is none (ctrl-p,ctrl-q)',
    },
    {
      long: "no-stdin",
      short: null,
      value: null,
      repeatable: false,
      help: "show what it writes, and send nothing",
    },
    {
      long: "idle",
      short: null,
      value: "TIME",
      repeatable: false,
      help: "once input from a file or pipe has ended: leave after so long without output (1s); 0s waits for the service's end",
    },
    SOCKET,
  ],
  run: async (context) => {
    const { io, options, words } = context;
    const [name, ...others] = words;
    if (name === undefined || others.length > 0) {
      throw new CommandError("cannot attach: one service must be named", {
        exitCode: EXIT_USAGE,
        hint: "supervise attach NAME",
      });
    }
    const inIsTerminal = isTerminal(0);
    const asked = optionText(options, "detach-keys");
    const keys = keysOfText(asked ?? DEFAULT_KEYS);
    const idleMs = durationOption(options, "idle") ?? IDLE_MS;
    const client = await findSupervisor(context);
    let raw = false;
    // Where every byte stands for itself, a newline is no carriage return.
    const err = (text: string): void => io.err(raw ? `\r\n${text.replaceAll("\n", "\r\n")}` : text);
    const keeper = comesBack({ err }, client);
    const { runSession } = await import("./attach/session.js");
    const end = await runSession({
      kernel: openKernel(),
      attach: async (size, signal) => {
        const service = await client.attach({ name, size }, signal);
        await keeper.look();
        return service;
      },
      resize: (attachment, size) => client.resizeTerminal(name, attachment, size),
      back: keeper.back,
      attached: (service, interactive) => {
        raw = interactive;
        const leaves = interactive ? leavingKeys(asked) : "Ctrl-C leaves it";
        if (io.errIsTerminal) io.err(`supervise: ${describe(name, service)}; ${leaves}\r\n`);
      },
      stdin: !optionGiven(options, "no-stdin"),
      inIsTerminal,
      outIsTerminal: io.outIsTerminal,
      // Bytes of a file or pipe go as they are.
      detachKeys: inIsTerminal || asked !== null ? keys : null,
      idleMs: inIsTerminal || idleMs === 0 ? null : idleMs,
    });
    const code = tellEnd(context, name, end);
    // Whoever was told to go does not wait for a reader of what is left.
    if ((end.kind === "signal" || end.kind === "left") && process.stdout.writableLength > 0)
      process.exit(code);
    return code;
  },
};

function leavingKeys(asked: string | null): string {
  const keys = asked ?? DEFAULT_KEYS;
  return keys === "" ? "no keys leave it" : `${keys} leaves it`;
}

function describe(
  name: string,
  { tty, stdin, run }: { readonly tty: boolean; readonly stdin: boolean; readonly run: number },
): string {
  if (tty) return `attached to the terminal of "${name}", run ${run}`;
  const lines = stdin ? ", and lines that are typed are sent to it" : " only";
  return `"${name}" has no terminal (tty: true gives it one); its output is shown${lines}`;
}

/** Says how it ended, where that is not plain to see, and gives the exit code. */
function tellEnd({ io }: VerbContext, name: string, end: SessionEnd): number {
  const say = (text: string): void =>
    io.err(`${io.outIsTerminal ? "\r\n" : ""}supervise: ${text}\n`);
  switch (end.kind) {
    case "ended":
      if (io.errIsTerminal) say(`service "${name}" has ended: ${end.text}`);
      return exitCodeOf(end.status);
    case "left":
      if (io.errIsTerminal) say(`left service "${name}", which goes on`);
      return 0;
    case "idle":
    case "unread":
      return 0;
    case "signal":
      return 128 + end.number;
    case "closed":
      say(
        `nothing more comes from service "${name}": its output is closed, or its supervisor ends`,
      );
      return 1;
    case "slow":
      say(`let go of service "${name}": its output was not taken for 10 s while it waited`);
      return 1;
  }
}

type Status = Extract<SessionEnd, { readonly kind: "ended" }>["status"];

function exitCodeOf(status: Status): number {
  if (status?.kind === "code") return status.code;
  if (status?.kind === "signal")
    return 128 + (signalNumber(status.signal) ?? constants.signals.SIGKILL);
  return 1;
}
