import { deepEqual, equal } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { childrenOf, fixture, treeOf, until } from "@supervise/testkit";
import type { InTerminal } from "@supervise/testkit";
import { conformance } from "./conformance.js";
import { needsRoot as skip } from "./other-user.js";
import { INTERRUPT, QUIT, begin } from "./terminal-scene.js";

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
