import { deepEqual, doesNotMatch, equal } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  childrenOf,
  fixture,
  inTerminal,
  temporaryDirectory,
  treeOf,
  until,
} from "@supervise/testkit";
import type { InTerminal, TestScope } from "@supervise/testkit";
import { conformance, subject } from "./conformance.js";
import type { Subject } from "./conformance.js";
import { OWN_PATH } from "./inits.js";

const skip = process.getuid?.() === 0 ? false : "needs root";
const ENVIRONMENT = { PATH: process.env["PATH"], PS1: "PROMPT> ", TERM: "dumb" };
const BASH = ["bash", "--norc", "--noprofile", "-i"];
const INTERRUPT = "\x03";
const STOP = "\x1a";
const QUIT = "\x1c";

function begin(t: TestScope, it: Subject, command: readonly string[]): InTerminal {
  const [first = "", ...rest] = it.words(command);
  return inTerminal(t, [first, ...rest], { env: ENVIRONMENT, asPidOne: it.mode === "pid-1" });
}

const counted = (terminal: InTerminal, pattern: RegExp): number =>
  terminal.output().match(pattern)?.length ?? 0;

/** Waits until the shell has shown that many prompts. */
const prompts = (terminal: InTerminal, count: number): Promise<number> =>
  until(() => counted(terminal, /PROMPT> /g), {
    is: (shown) => shown >= count,
    what: `prompt ${count}`,
    log: () => terminal.output(),
  });

async function worksInShell(it: Subject, t: TestScope): Promise<void> {
  const terminal = begin(t, it, BASH);
  await prompts(terminal, 1);
  terminal.type("sleep 61 & fg\n");
  await terminal.shows(/\nsleep 61\r?\n/);
  await inForeground("sleep");
  terminal.type(STOP);
  await terminal.shows(/Stopped/);
  await prompts(terminal, 2);
  terminal.type("fg\n");
  await until(() => counted(terminal, /\nsleep 61\r?\n/g), {
    is: (n) => n >= 2,
    what: "the job to go on",
  });
  await inForeground("sleep");
  terminal.type(INTERRUPT);
  await prompts(terminal, 3);
  terminal.type("echo code $?\n");
  await terminal.shows(/code 130/);
  terminal.type("exit 7\n");
  deepEqual(await terminal.exit(), { code: 7, signal: null });
  equal(await terminal.restored(), true);
  doesNotMatch(terminal.output(), /no job control|cannot set terminal/);
}

conformance("job control of a shell", "job control works in an interactive shell", worksInShell, {
  skip,
});

for (const name of ["tini", "dumb-init"] as const)
  for (const mode of ["pid-1", "subreaper"] as const)
    test(
      `supervise-init called ${name} as ${mode}: job control works in an interactive shell`,
      { skip },
      async (t) => {
        const path = join(temporaryDirectory(t), name);
        symlinkSync(OWN_PATH, path);
        await worksInShell(subject({ name, path, options: () => ["--"] }, mode), t);
      },
    );

conformance(
  "signals of a terminal",
  "the child's process group is in the foreground",
  async (it, t) => {
    const script = 'read -r line </proc/$$/stat; set -- $line; echo "$5 is $8"';
    const terminal = begin(t, it, ["sh", "-c", script]);
    equal((await terminal.exit()).code, 0);
    await terminal.shows(/\b(\d+) is \1\b/);
  },
  { skip },
);

/** Waits until a process of this name runs in the foreground of its terminal; its shell says so before it is. */
const inForeground = (name: string): Promise<boolean> =>
  until(
    () =>
      treeOf(process.pid).some((pid) => {
        const [own, rest = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
        const [state, , group, , , foreground] = rest.split(" ");
        return own?.endsWith(`(${name}`) && state === "S" && group === foreground;
      }),
    { what: `${name} in the foreground` },
  );

/** What report-signals has shown, in order. */
const signals = (terminal: InTerminal): number[] =>
  [...terminal.output().matchAll(/signal (\d+) from/g)].map((found) => Number(found[1]));

/** The init below in-terminal, which is the only child of this process. */
const initBelow = (): Promise<number> =>
  until(() => childrenOf("self").flatMap(childrenOf)[0], { what: "the init" });

conformance(
  "signals of a terminal",
  "Ctrl-C, Ctrl-Backslash and a resize reach the child once each",
  async (it, t) => {
    const terminal = begin(t, it, [fixture("report-signals")]);
    await terminal.shows(/ready/);
    const pid = await initBelow();
    terminal.type(INTERRUPT);
    await until(() => signals(terminal).includes(2), { what: "SIGINT" });
    terminal.type(QUIT);
    await until(() => signals(terminal).includes(3), { what: "SIGQUIT" });
    terminal.resize(100, 30);
    await until(() => signals(terminal).includes(28), { what: "SIGWINCH" });
    // What the init got as well, it forwards before this.
    process.kill(pid, "SIGTERM");
    await until(() => signals(terminal).includes(15), { what: "SIGTERM" });
    deepEqual(signals(terminal), [2, 3, 28, 15]);
    // Nothing else ends this fixture; the one that is told last may be gone by then.
    for (const below of treeOf(pid).toReversed()) spawnSync("kill", ["-KILL", String(below)]);
    await terminal.exit();
  },
  { skip },
);

conformance(
  "signals of a terminal",
  "a hang-up ends the child, and the init with it",
  async (it, t) => {
    const terminal = begin(t, it, ["sh", "-c", "echo ready; exec sleep 61"]);
    await terminal.shows(/ready/);
    terminal.hangUp();
    deepEqual(await terminal.exit(), { code: 129, signal: null });
  },
  { skip },
);

conformance(
  "a restored terminal",
  "settings that a killed child left changed are restored",
  async (it, t) => {
    const terminal = begin(t, it, ["sh", "-c", "stty raw -echo; kill -KILL $$"]);
    deepEqual(await terminal.exit(), { code: 137, signal: null });
    equal(await terminal.restored(), true);
  },
  { skip },
);

conformance(
  "a job of a shell",
  "under an interactive shell it stops, goes on and ends with its child",
  async (it, t) => {
    const [shell = "", ...args] = BASH;
    const terminal = inTerminal(t, [shell, ...args], { env: ENVIRONMENT });
    await prompts(terminal, 1);
    const words = it.words(["sh", "-c", "'echo up; exec sleep 61'"]).join(" ");
    terminal.type(`${words}\n`);
    await terminal.shows(/\nup\r?\n/);
    await inForeground("sleep");
    terminal.type(STOP);
    await terminal.shows(/Stopped/);
    await prompts(terminal, 2);
    terminal.type("echo foreground; fg\n");
    await terminal.shows(/\nforeground\r?\n/);
    await until(() => counted(terminal, /sleep 61/g), {
      // As it was typed, as the stopped job, as the one that goes on.
      is: (n) => n >= 3,
      what: "the job to go on",
    });
    await inForeground("sleep");
    terminal.type(INTERRUPT);
    await prompts(terminal, 3);
    terminal.type("echo code $?\n");
    await terminal.shows(/code 130/);
    terminal.type("exit 0\n");
    equal((await terminal.exit()).code, 0);
  },
  { modes: ["subreaper"] },
);

conformance(
  "a job of a shell",
  "a child that stops itself goes on where nobody else could continue it",
  async (it, t) => {
    const terminal = begin(t, it, ["sh", "-c", "kill -TSTP $$; echo went on; exit 4"]);
    deepEqual(await terminal.exit(), { code: 4, signal: null });
    await terminal.shows(/went on/);
  },
  { skip },
);

conformance(
  "a job of a shell",
  "a child that reads from the background stops, and reads on in the foreground",
  async (it, t) => {
    const [shell = "", ...args] = BASH;
    const terminal = inTerminal(t, [shell, ...args], { env: ENVIRONMENT });
    await prompts(terminal, 1);
    const words = it.words(["sh", "-c", "'read word; echo got $word'"]).join(" ");
    terminal.type(`${words} &\n`);
    await prompts(terminal, 2);
    // A shell tells of a stopped job before its next prompt.
    await until(
      () => {
        terminal.type("\n");
        return terminal.output().includes("Stopped");
      },
      { what: "the job to stop" },
    );
    terminal.type("fg\n");
    await inForeground("sh");
    terminal.type("something\n");
    await terminal.shows(/\ngot something\r?\n/);
    terminal.type("exit 0\n");
    equal((await terminal.exit()).code, 0);
  },
  { modes: ["subreaper"] },
);
