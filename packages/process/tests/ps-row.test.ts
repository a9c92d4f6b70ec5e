import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { openProc, parseStat, psRow, statFlags, ttyName } from "@supervise/process";
import { createKernel } from "@supervise/sys";
import { start } from "@supervise/testkit";
import { zombieOf } from "./zombie.js";

const proc = openProc(createKernel());

test("flags stand in the order of ps", () => {
  const stat = parseStat("7 (x) S 1 7 7 34816 7 0 0 0 0 0 0 0 0 0 20 -3 2 0 5 0 0");
  assert.ok(stat);
  assert.equal(statFlags(stat, 4), "S<Lsl+");
  assert.equal(statFlags({ ...stat, nice: 3, session: 1, threads: 1, tpgid: -1 }, 0), "SN");
});

test("terminals have the names of their devices", () => {
  const device = (major: number, minor: number) =>
    (major << 8) | (minor & 0xff) | ((minor & 0xfff00) << 12);
  assert.equal(ttyName(0), "?");
  assert.equal(ttyName(device(136, 0)), "pts/0");
  assert.equal(ttyName(device(136, 255)), "pts/255");
  assert.equal(ttyName(device(137, 3)), "pts/259");
  assert.equal(ttyName(device(4, 1)), "tty1");
  assert.equal(ttyName(device(4, 64)), "ttyS0");
  assert.equal(ttyName(device(5, 1)), "console");
  // /dev/null is no terminal, but the kernel knows its name by the numbers.
  assert.equal(ttyName(device(1, 3)), "null");
  assert.equal(ttyName(device(999, 9)), "999:9");
});

test("a row has what ps(1) says of the process", async (t) => {
  const { pid, stdout } = start(t, "sh", [
    "-c",
    "echo ready; read never < /dev/zero",
    "a \u001b[31m b",
  ]);
  await stdout.match(/^ready$/);
  const row = psRow(proc, pid);
  assert.ok(row);
  const columns = execFileSync(
    "ps",
    ["-o", "euid=,pid=,ppid=,pgid=,sid=,tty=", "-p", String(pid)],
    {
      encoding: "utf8",
    },
  );
  const { uid, ppid, pgid, sid, tty } = row;
  assert.equal([uid, pid, ppid, pgid, sid, tty].join(" "), columns.trim().split(/\s+/).join(" "));
  assert.match(row.stat, /^[RSD][<N]?s$/);
  assert.equal(row.command, "sh -c echo ready; read never < /dev/zero a \\x1b[31m b");
});

test("a zombie shows its name in brackets and as defunct", async (t) => {
  const row = psRow(proc, await zombieOf(t));
  assert.match(row?.stat ?? "", /^Z/);
  assert.equal(row?.command, "[sleep] <defunct>");
});

test("a process that is gone has no row", () => {
  assert.equal(psRow(proc, 4_194_305), null);
});
