import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { atEnd } from "./cleanup.js";
import type { TestScope } from "./cleanup.js";
import { beforeDeadline, DEFAULT_DEADLINE_MS } from "./deadline.js";
import { waitForExit } from "./exit.js";
import type { Exit } from "./exit.js";
import { nativeProgram } from "./fixtures.js";
import { lines } from "./lines.js";
import { createScreenModel } from "./screen/screen-model.js";
import type { Resizing, ScreenModel } from "./screen/screen-model.js";
import type { StartOptions } from "./spawn-fixture.js";
import { until } from "./until.js";

export interface TerminalOptions extends StartOptions {
  /** Default 80. */
  readonly columns?: number;
  /** Default 24. */
  readonly rows?: number;
  /** What it does with its rows at another size; default: it cuts them. */
  readonly resizing?: Resizing;
  /** The command becomes PID 1 of new namespaces and leads its session, as in a container. Needs root. */
  readonly asPidOne?: boolean;
}

/** A command with a terminal of its own. */
export interface InTerminal {
  /** Everything that the terminal was told to show so far, escape sequences included. */
  readonly output: () => string;
  /** Resolves once the output, without its escape sequences, matches. Rejects at the deadline. */
  shows(pattern: RegExp, deadlineMs?: number): Promise<void>;
  /** What stands on its screen now. */
  readonly screen: ScreenModel;
  /** Resolves with the visible rows once they are what is asked for, never in the midst of a synchronized update (mode 2026). Rejects at the deadline, and tells what was there. */
  sees(
    is: RegExp | ((visible: readonly string[]) => boolean),
    what?: string,
    deadlineMs?: number,
  ): Promise<readonly string[]>;
  /** Types; "\x03" is Ctrl-C. */
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  /** Closes the terminal: its session gets SIGHUP. */
  hangUp(): void;
  /** Resolves when the command has ended, and all that it showed is in `output` and on the screen. Code 128 + n: by signal n. */
  exit(): Promise<Exit>;
  /** After the exit: has the terminal the settings it had before? Null after a hang-up. */
  restored(): Promise<boolean | null>;
}

/**
 * Runs a command with a new pseudo-terminal as its controlling terminal. At the test's end the terminal is closed and the command's
 * session gets SIGHUP; what ignores that is the test's own affair.
 */
export function inTerminal(
  t: TestScope,
  command: readonly [string, ...string[]],
  options: TerminalOptions = {},
): InTerminal {
  const { columns = 80, rows = 24, resizing = "cuts", asPidOne = false, ...rest } = options;
  const child = spawn(
    nativeProgram("in-terminal"),
    [...(asPidOne ? ["--pid-1"] : []), String(columns), String(rows), ...command],
    {
      ...rest,
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    },
  );
  const [stdin, stdout, stderr, size] = child.stdio as unknown as [
    Writable,
    Readable,
    Readable,
    Writable,
  ];
  const report = lines(stderr);
  let shown = "";
  const screen = createScreenModel(columns, rows, resizing);
  stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    screen.write(text);
  });
  const allShown = new Promise<void>((resolve) => stdout.once("close", resolve));
  // EPIPE: it has ended, which its exit tells.
  stdin.on("error", () => {});
  size.on("error", () => {});
  atEnd(t, async () => {
    stdin.end();
    await waitForExit(child);
    for (const stream of [stdin, stdout, stderr, size]) stream.destroy();
  });
  return {
    output: () => shown,
    screen,
    async sees(is, what = `the screen to be ${String(is)}`, deadlineMs = DEFAULT_DEADLINE_MS) {
      const test =
        typeof is === "function" ? is : (seen: readonly string[]) => is.test(seen.join("\n"));
      await until(() => screen.lines().join("\n"), {
        is: (text) => !screen.modes.has("2026") && test(text.split("\n")),
        what,
        deadlineMs,
      });
      return screen.lines();
    },
    async shows(pattern, deadlineMs) {
      await until(() => stripVTControlCharacters(shown), {
        is: (text) => pattern.test(text),
        what: `the terminal to show ${pattern}`,
        ...(deadlineMs === undefined ? {} : { deadlineMs }),
      });
    },
    type: (keys) => void stdin.write(keys),
    resize(newColumns, newRows) {
      screen.resize(newColumns, newRows);
      size.write(`${newColumns} ${newRows}\n`);
    },
    hangUp: () => void stdin.end(),
    async exit() {
      const exit = await waitForExit(child);
      // The end of a process may be heard of before what it wrote last is read.
      await beforeDeadline(allShown, { what: "the end of the terminal's output" }, () => shown);
      return exit;
    },
    async restored() {
      const all = await report.rest();
      if (all.includes("terminal restored")) return true;
      return all.includes("terminal changed") ? false : null;
    },
  };
}
