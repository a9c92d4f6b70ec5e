import { equal, match } from "node:assert/strict";
import { test } from "node:test";
import { assertNoLeaks, inTerminal } from "@supervise/testkit";

test("a command in a terminal has it as its controlling terminal", async (t) => {
  assertNoLeaks(t);
  const terminal = inTerminal(
    t,
    ["sh", "-c", "stty size </dev/tty; test -t 0 && test -t 1 && test -t 2; exit $?"],
    {
      columns: 132,
      rows: 43,
    },
  );
  await terminal.shows(/43 132/);
  equal((await terminal.exit()).code, 0);
  equal(await terminal.restored(), true);
});

test("Ctrl-C reaches the foreground process group as SIGINT", async (t) => {
  const terminal = inTerminal(t, [
    "sh",
    "-c",
    "trap 'echo caught; exit 3' INT; echo ready; while :; do sleep 1; done",
  ]);
  await terminal.shows(/ready/);
  terminal.type("\x03");
  equal((await terminal.exit()).code, 3);
  match(terminal.output(), /caught/);
});

test("a resize is seen by the command", async (t) => {
  const terminal = inTerminal(t, [
    "sh",
    "-c",
    "trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.1; done",
  ]);
  await terminal.shows(/ready/);
  terminal.resize(100, 30);
  await terminal.shows(/30 100/);
});

test("a screen that is in the midst of a synchronized update is not looked at", async (t) => {
  const script = String.raw`stty -echo; printf '\033[?2026hbegun'; read -r _; printf ', whole\033[?2026l'; read -r _`;
  const terminal = inTerminal(t, ["sh", "-c", script]);
  const seen = terminal.sees(/begun/);
  await terminal.shows(/begun/);
  terminal.type("\r");
  match((await seen)[0] ?? "", /^begun, whole$/);
});

test("a hang-up ends the session with SIGHUP", async (t) => {
  const terminal = inTerminal(t, ["sh", "-c", "echo ready; exec sleep 60"]);
  await terminal.shows(/ready/);
  terminal.hangUp();
  equal((await terminal.exit()).code, 128 + 1);
  equal(await terminal.restored(), null);
});

test("a terminal left in raw mode is not restored", async (t) => {
  const terminal = inTerminal(t, ["stty", "raw"]);
  await terminal.exit();
  equal(await terminal.restored(), false);
});

test(
  "a command can be PID 1 of a namespace and lead its terminal's session",
  { skip: process.getuid?.() === 0 ? false : "needs root" },
  async (t) => {
    assertNoLeaks(t);
    const terminal = inTerminal(
      t,
      ["sh", "-c", 'read -r line </proc/self/stat; set -- $line; echo "pid $$, session $6"'],
      { asPidOne: true },
    );
    await terminal.shows(/pid 1, session 1\b/);
    equal((await terminal.exit()).code, 0);
    equal(await terminal.restored(), true);
  },
);
