import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { inTerminal } from "@supervise/testkit";
import { COMMAND, project } from "./harness.js";
import { numbersFrom } from "./numbers-from.js";

/** Everything that a person or a cat may press; not what leaves it for the shell or for good, and not what opens the dashboard, which has a test of its own. */
const KEYS = [
  ...Array.from("abcefghijklmnoprstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 /?:{}*+-.,;!日😀"),
  ...Array.from("rsaafpkjjj"),
  "\r",
  "\t",
  "\x7f",
  "\x1b[A",
  "\x1b[B",
  "\x1bOA",
  "\x1bOB",
  "\x1b[5~",
  "\x1b[1;2C",
  "\x1b[<0;5;5M",
  "\x1b",
];
/** Of a failure it is in the output: set it, and the same keys come in the same order. */
const SEED = Number(process.env["SUPERVISE_TEST_SEED"] ?? Date.now() % 0x7fff_ffff) || 1;
const PIECES = 40;
const PIECE = 8;

for (const [columns, rows, term, colour] of [
  [80, 24, "xterm-256color", {}],
  [200, 50, "screen-256color", {}],
  [40, 10, "linux", { NO_COLOR: "1" }],
] as const)
  test(`keys by chance at ${columns}x${rows} (${term}) neither end it nor garble the screen`, async (t) => {
    const it = project(t, {
      writer: { command: ["sh", "-c", "while :; do echo line; sleep 0.02; done"] },
      web: { command: ["sh", "-c", "echo ready; exec sleep 60"], ready: { log: "^ready$" } },
      late: { command: ["sleep", "60"], depends_on: { web: { condition: "service_started" } } },
    });
    const { CI: _, ...env } = it.environment;
    const shown = inTerminal(
      t,
      [process.execPath, COMMAND, "up", "--file", it.file, "--runtime-dir", it.runtimeDirectory],
      { cwd: it.directory, env: { ...env, ...colour, TERM: term }, columns, rows },
    );
    await shown.sees(/> writer +up/);
    const random = numbersFrom(SEED);
    for (let piece = 0; piece < PIECES; piece += 1) {
      const drawn = shown.output().length;
      for (let key = 0; key < PIECE; key += 1) shown.type(KEYS[random() % KEYS.length] ?? "");
      // Each key is answered by the table, whatever it is.
      await shown.sees(() => shown.output().length > drawn, `an answer, seed ${SEED}`);
    }
    const visible = await shown.sees(/SERVICE +STATE[^]*q quit/, `its table, seed ${SEED}`);
    equal(visible.filter((line) => line.includes("SERVICE")).length, 1, `seed ${SEED}`);
    // The last of them may be the beginning of a sequence, which takes one key along.
    shown.type("xq");
    equal((await shown.exit()).code, 0);
    equal(await shown.restored(), true);
    deepEqual(shown.screen.unknown, []);
    const strange = shown.screen
      .scrollback()
      .filter((line) => line !== "" && !/^(?:supervise|writer|web|late) +\| /.test(line));
    deepEqual(strange, [], `seed ${SEED}`);
  });
