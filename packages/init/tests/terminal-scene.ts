import { readFileSync } from "node:fs";
import { inTerminal, treeOf, until } from "@supervise/testkit";
import type { InTerminal, TestScope } from "@supervise/testkit";
import type { Subject } from "./conformance.js";

export const ENVIRONMENT = { PATH: process.env["PATH"], PS1: "PROMPT> ", TERM: "dumb" };
export const BASH = ["bash", "--norc", "--noprofile", "-i"];
export const INTERRUPT = "\x03";
export const STOP = "\x1a";
export const QUIT = "\x1c";

/** The init with this command, at a terminal of its own. */
export function begin(t: TestScope, it: Subject, command: readonly string[]): InTerminal {
  const [first = "", ...rest] = it.words(command);
  return inTerminal(t, [first, ...rest], { env: ENVIRONMENT, asPidOne: it.mode === "pid-1" });
}

/** How often it was shown so far. */
export const counted = (terminal: InTerminal, pattern: RegExp): number =>
  terminal.output().match(pattern)?.length ?? 0;

/** Waits until the shell has shown that many prompts. */
export const prompts = (terminal: InTerminal, count: number): Promise<number> =>
  until(() => counted(terminal, /PROMPT> /g), {
    is: (shown) => shown >= count,
    what: `prompt ${count}`,
    log: () => terminal.output(),
  });

/** Waits until a process of this name runs in the foreground of its terminal; its shell says so before it is. */
export const inForeground = (name: string): Promise<boolean> =>
  until(
    () =>
      treeOf(process.pid).some((pid) => {
        const [own, rest = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
        const [state, , group, , , foreground] = rest.split(" ");
        return own?.endsWith(`(${name}`) && state === "S" && group === foreground;
      }),
    { what: `${name} in the foreground` },
  );
