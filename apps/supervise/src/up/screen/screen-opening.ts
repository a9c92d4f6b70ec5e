import { openProc, readStat } from "@supervise/process";
import type { Kernel } from "@supervise/sys";
import { isTerminal } from "../../is-terminal.js";
import { CONTROL_SOCKET } from "../../control-socket.js";
import type { Session } from "../session.js";
import type { Screen } from "./screen.js";

const STDIN = 0;
const STDOUT = 1;

/** Is there a person at a terminal who can see a screen and press keys? Not in CI, not in the background of a shell. */
export function screenFits(kernel: Kernel, environment: NodeJS.ProcessEnv): boolean {
  if (!isTerminal(STDOUT) || !isTerminal(STDIN)) return false;
  if ((environment["CI"] ?? "") !== "" || environment["TERM"] === "dumb") return false;
  const own = readStat(openProc(kernel), process.pid);
  return own !== null && own.tpgid === own.processGroup;
}

/** Opens the screen of `supervise up`. It is loaded only now: it brings ink along. */
export async function openScreenOn(
  kernel: Kernel,
  session: Session,
  colour: boolean,
): Promise<Screen | null> {
  const { core, target } = session;
  const { view } = core.room.hub;
  if (view === null) return null;
  const { openScreen } = await import("./screen.js");
  const directory = core.room.runtimeDirectory;
  const command = process.argv[1];
  return openScreen({
    stdin: process.stdin,
    stdout: process.stdout,
    view,
    colour,
    calls: kernel,
    services: () => target.services([]),
    processes: () => target.processes([]),
    monotonicMs: () => kernel.monotonicMs(),
    onChange: (listener) => core.onChange(listener),
    act: (action, name) => {
      const type = (
        { start: "startService", stop: "stopService", restart: "restartService" } as const
      )[action];
      core.room.post({ type, name, cause: { kind: "operator", by: "a key" } });
    },
    // As Ctrl-C does without a screen. A key that is pressed again is no echo of the first one, however soon it comes.
    end: (atOnce) => {
      if (!atOnce) process.kill(process.pid, "SIGINT");
      else core.room.post({ type: "shutDownNow", cause: { kind: "signal", signal: "SIGINT" } });
    },
    suspend: () => void process.kill(process.pid, "SIGTSTP"),
    say: (message) => core.room.hub.say(message, "warning"),
    claimChild: (pid) => core.room.commands.claim(pid),
    dashboard:
      directory === null || command === undefined
        ? null
        : [process.execPath, command, "dashboard", "--socket", `${directory}/${CONTROL_SOCKET}`],
  });
}
