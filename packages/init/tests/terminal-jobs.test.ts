import { deepEqual, doesNotMatch, equal } from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inTerminal, temporaryDirectory, until } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { conformance, subject } from "./conformance.js";
import type { Subject } from "./conformance.js";
import { OWN_PATH } from "./inits.js";
import { needsRoot as skip } from "./other-user.js";
import {
  BASH,
  ENVIRONMENT,
  INTERRUPT,
  STOP,
  begin,
  counted,
  inForeground,
  prompts,
} from "./terminal-scene.js";

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
