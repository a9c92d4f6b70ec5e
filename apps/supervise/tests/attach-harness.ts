import { equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { inTerminal, readProcess, until } from "@supervise/testkit";
import type { InTerminal, TerminalOptions, TestScope } from "@supervise/testkit";
import { COMMAND, type Project } from "./harness.js";

/** `supervise attach` in a terminal of its own. */
export function attachTo(
  t: TestScope,
  it: Project,
  words: readonly string[],
  size: Pick<TerminalOptions, "columns" | "rows"> = {},
): InTerminal {
  return inTerminal(
    t,
    [
      process.execPath,
      COMMAND,
      "attach",
      "--file",
      it.file,
      "--runtime-dir",
      it.runtimeDirectory,
      ...words,
    ],
    { cwd: it.directory, env: { ...it.environment, TERM: "xterm-256color" }, ...size },
  );
}

/** What Docker's keys are as bytes. */
export const LEAVE = "\x10\x11";

/** The command has ended with this code, and the terminal is as it was before. */
export async function assertLeft(shown: InTerminal, code: number): Promise<void> {
  equal((await shown.exit()).code, code, shown.output());
  equal(await shown.restored(), true, "the settings of the terminal");
  equal(shown.screen.alternate, false, "the first screen is shown");
  equal(shown.screen.cursor.visible, true, "the cursor is seen");
  const left = [...shown.screen.modes].filter((mode) => Number(mode) >= 1000);
  equal(left.join(" "), "", "no mode is left");
}

/** Resolves once the shell of `SHELL` has written its prompt behind all else and waits: what is typed before that is shown in front of it, and its answer behind it. */
export async function atPrompt(shown: InTerminal): Promise<void> {
  shown.type("echo at $((0))\r");
  await shown.sees(/at 0\nready>\s*$/m);
}

/** Resolves once this program, and no other, reads from the terminal of the service: it was executed in the foreground process group. */
export async function inForeground(leader: number, program: string): Promise<void> {
  await until(() => readProcess(foregroundOf(leader))?.name, {
    is: (name) => name === program,
    what: `${program} in the foreground`,
  });
}

/** Number of the foreground process group of a process' terminal (field 8 of proc_pid_stat(5)). */
function foregroundOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[5]);
}

/** Bash as a service: a prompt without colours or escape sequences. */
export const SHELL = {
  command: ["bash", "--norc", "--noprofile", "--noediting", "-i"],
  environment: { PS1: "ready> ", HISTFILE: "/dev/null" },
  tty: true,
  stop_signal: "SIGHUP",
} as const;
