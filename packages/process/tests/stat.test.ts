import assert from "node:assert/strict";
import { test } from "node:test";
import { isLive, openProc, parseStat, readStat } from "@supervise/process";
import { createKernel } from "@supervise/sys";

const TAIL =
  "S 10 20 30 34817 40 4194304 1 2 3 4 5 6 7 8 20 -5 3 0 123456 1000 200 18446744073709551615";

test("the name of a process ends at the last parenthesis, whatever stands in it", () => {
  for (const comm of [
    "sh",
    "a) R (b",
    ") Z 1 1 1 (",
    "(",
    ")",
    "",
    "new\nline",
    "two  words",
    "R",
  ]) {
    const stat = parseStat(`4321 (${comm}) ${TAIL}`);
    assert.deepEqual(stat, {
      pid: 4321,
      comm,
      state: "S",
      ppid: 10,
      processGroup: 20,
      session: 30,
      ttyNr: 34817,
      tpgid: 40,
      nice: -5,
      threads: 3,
      startTicks: 123456,
      kernelThread: false,
    });
  }
});

test("text that is cut or is no stat line is refused at every length", () => {
  const whole = `4321 (sh) ${TAIL}`;
  const enough = whole.indexOf(" 1000 ");
  for (let length = 0; length < enough - 6; length += 1)
    assert.equal(parseStat(whole.slice(0, length)), null, whole.slice(0, length));
  for (const text of [
    "",
    "(",
    ")",
    "()",
    "1 () ",
    "x (sh) S 1 1 1",
    "-1 (sh) " + TAIL,
    `0 (sh) ${TAIL}`,
  ])
    assert.equal(parseStat(text), null, text);
});

test("a zombie is live only while other threads of it go on", () => {
  const state = (letter: string, threads: number) => {
    const stat = parseStat(`4321 (sh) ${TAIL.replace(/^S/, letter)}`);
    assert.ok(stat);
    return isLive({ ...stat, threads });
  };
  assert.equal(state("Z", 1), false);
  assert.equal(state("Z", 0), false);
  assert.equal(state("Z", 2), true);
  assert.equal(state("X", 2), false);
  for (const letter of ["R", "S", "D", "T", "t", "I"]) assert.equal(state(letter, 1), true, letter);
});

test("reading by the addon and by node:fs tells the same", () => {
  const direct = openProc();
  const native = openProc(createKernel());
  const first = readStat(direct, process.pid);
  const second = readStat(native, process.pid);
  assert.ok(first && second);
  assert.equal(first.pid, process.pid);
  assert.equal(first.ppid, process.ppid);
  assert.deepEqual({ ...first, state: "", threads: 0 }, { ...second, state: "", threads: 0 });
  assert.deepEqual(direct.text("self/environ"), native.text("self/environ"));
});

test("what is gone is null, by the addon and by node:fs", () => {
  for (const proc of [openProc(), openProc(createKernel())]) {
    // PID_MAX_LIMIT: no process ever has this number.
    assert.equal(readStat(proc, 4_194_305), null);
    assert.equal(proc.bytes("4194305/environ"), null);
    assert.equal(proc.names("4194305/task"), null);
    assert.equal(proc.link("4194305/exe"), null);
  }
});
