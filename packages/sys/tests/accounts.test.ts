import assert from "node:assert/strict";
import { constants, openSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { WriteStream } from "node:tty";
import { SystemCallError, limitNumber } from "@supervise/sys";
import { kernel } from "./running.js";

test("every user of /etc/passwd is found by name and by uid", () => {
  const lines = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .filter((line) => /^[^:#]+:/.test(line));
  assert.ok(lines.length > 0);
  for (const line of lines) {
    const [name = "", , uid, gid, , home, shell] = line.split(":");
    const expected = { name, uid: Number(uid), gid: Number(gid), home, shell };
    assert.deepEqual(kernel.lookupUser(name), expected);
    assert.equal(kernel.lookupUser(Number(uid))?.uid, Number(uid));
  }
});

test("every group of /etc/group is found, and a member's groups hold it", () => {
  for (const line of readFileSync("/etc/group", "utf8").split("\n").filter(Boolean)) {
    const [name = "", , gid, members = ""] = line.split(":");
    assert.deepEqual(kernel.lookupGroup(name), { name, gid: Number(gid) });
    assert.equal(kernel.lookupGroup(Number(gid))?.gid, Number(gid));
    for (const member of members.split(",").filter(Boolean)) {
      assert.ok(kernel.groupsOf(member, 0).includes(Number(gid)), `${member} in ${name}`);
    }
  }
  assert.deepEqual(kernel.groupsOf("no such user", 4_000_000_001), [4_000_000_001]);
});

test("who is not there is null, and a name with a NUL is no name", () => {
  assert.equal(kernel.lookupUser("no such user"), null);
  assert.equal(kernel.lookupUser(4_000_000_001), null);
  assert.equal(kernel.lookupGroup("no such group"), null);
  assert.throws(
    () => kernel.lookupUser("root\0x"),
    (error) => error instanceof SystemCallError && error.code === "EINVAL",
  );
});

test("a limit that is set is the one that is read", () => {
  const core = limitNumber("core") ?? -1;
  const before = kernel.getLimit(core);
  const soft = before.hard === -1 ? 4096 : Math.floor(before.hard / 2);
  assert.equal(kernel.setLimit(core, soft, before.hard), 0);
  assert.deepEqual(kernel.getLimit(core), { soft, hard: before.hard });
  assert.equal(kernel.setLimit(core, before.soft, before.hard), 0);
  assert.deepEqual(kernel.getLimit(core), before);
  assert.throws(
    () => kernel.getLimit(99),
    /^SystemCallError: cannot read limit "99": invalid argument \(EINVAL\)$/,
  );
  assert.equal(kernel.setLimit(core, 10, 5), -22);
});

test("the clocks are those of the kernel", () => {
  const before = [process.hrtime.bigint(), BigInt(Date.now())] as const;
  const monotonic = kernel.monotonicMs();
  const realtime = kernel.realtimeMicros();
  assert.ok(
    monotonic >= Number(before[0] / 1000n) / 1000 &&
      monotonic <= Number(process.hrtime.bigint()) / 1e6,
  );
  assert.ok(realtime >= Number(before[1]) * 1000 && realtime <= (Date.now() + 1) * 1000);
});

test("the process name is what /proc shows, cut to 15 bytes", () => {
  const before = readFileSync("/proc/self/comm", "utf8").trim();
  assert.equal(kernel.setProcessName("supervise of a very long name"), 0);
  assert.equal(readFileSync("/proc/self/comm", "utf8"), "supervise of a \n");
  assert.equal(kernel.setProcessName(before), 0);
});

test("a resized terminal has its new size on both ends", () => {
  const pty = kernel.openPty(80, 24);
  assert.ok(typeof pty === "object");
  assert.equal(kernel.resizePty(pty.controller, 132, 43), 0);
  const copy = openSync(`/proc/self/fd/${pty.terminal}`, constants.O_RDWR | constants.O_NOCTTY);
  const stream = new WriteStream(copy);
  assert.deepEqual(stream.getWindowSize(), [132, 43]);
  stream.destroy();
  kernel.close(pty.controller);
  kernel.close(pty.terminal);
  assert.equal(kernel.resizePty(9999, 1, 1), -9);
});
