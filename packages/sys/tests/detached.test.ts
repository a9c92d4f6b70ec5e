import assert from "node:assert/strict";
import { constants, openSync, readFileSync, closeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createFakeKernel } from "@supervise/sys";
import { assertNoLeaks, atEnd, temporaryDirectory } from "@supervise/testkit";
import {
  collected,
  kernel,
  output,
  ownChildren,
  pipe,
  shell,
  spawnOrFail,
  statFields,
} from "./running.js";

function blockingPipe(): { read: number; write: number } {
  const made = pipe();
  kernel.setNonBlocking(made.read, false);
  return made;
}

const EAGAIN = -11;
const EINVAL = -22;

test("a detached child leads neither its session nor its group, and is its spawner's child", async (t) => {
  assertNoLeaks(t);
  const { read, write } = blockingPipe();
  const pid = spawnOrFail(shell("read line", { session: "detached", descriptors: [read] }));
  kernel.close(read);
  const [, , , , parent, group, session, terminal] = statFields(
    readFileSync(`/proc/${pid}/stat`, "latin1"),
  );
  assert.equal(parent, process.pid);
  assert.notEqual(session, pid);
  assert.equal(group, session);
  assert.equal(terminal, 0);
  // The leader is gone, and nobody has to collect it any more.
  assert.throws(() => readFileSync(`/proc/${session}/stat`), { code: "ENOENT" });
  assert.equal(ownChildren(), String(pid));
  kernel.close(write);
  assert.equal((await collected(pid)).code, 1);
});

test("a detached child has the attributes that were asked for, and tells its stage where it fails", async (t) => {
  assertNoLeaks(t);
  const asked = shell("umask; pwd", { session: "detached", umask: 0o27, workingDirectory: "/" });
  assert.equal((await output(asked)).text, "0027\n/\n");
  for (let count = 0; count < 50; count += 1) {
    const failed = kernel.spawn({ ...shell(""), files: ["/nonexistent"], session: "detached" });
    assert.deepEqual(failed, { stage: "exec", errno: -2 });
  }
  assert.equal(ownChildren(), "");
});

test("a detached child can be nobody's sibling, and notes no birth", () => {
  const refused = { stage: "session", errno: EINVAL };
  assert.deepEqual(kernel.spawn(shell("", { session: "detached", sibling: true })), refused);
  const birth = { fd: 0, place: 0 };
  assert.deepEqual(kernel.spawn(shell("", { session: "detached", birth })), refused);
});

test("a lock that a child takes ends with it, is not its children's, and names it", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "lock");
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  atEnd(t, () => closeSync(fd));
  const [input, out] = [blockingPipe(), blockingPipe()];
  atEnd(t, () => [input.write, out.read].forEach((each) => kernel.close(each)));
  // Its own child has the descriptor too, and outlives it.
  const request = shell("sleep 60 & echo $!; read line; exit 0", {
    descriptors: [input.read, out.write, -1, fd],
    lock: 3,
  });
  const pid = spawnOrFail(request);
  for (const each of [input.read, out.write]) kernel.close(each);
  const told = new Uint8Array(16);
  const sleeper = Number(Buffer.from(told.subarray(0, kernel.read(out.read, told, 0, 16))));
  atEnd(t, () => void kernel.kill(sleeper, 9));

  assert.deepEqual(kernel.lockHolder(fd), { held: true, pid });
  assert.equal(kernel.lockFile(fd), EAGAIN);
  const second = shell("", { descriptors: [-1, -1, -1, fd], lock: 3 });
  assert.deepEqual(kernel.spawn(second), { stage: "lock", errno: EAGAIN });
  kernel.kill(pid, 9);
  await collected(pid);
  assert.equal(kernel.kill(sleeper, 0), 0);
  assert.deepEqual(kernel.lockHolder(fd), { held: false, pid: null });
  assert.equal(kernel.lockFile(fd), 0);
});

test("a lock that we take keeps others out, who are told of no process", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "lock");
  const [ours, other] = [1, 2].map(() => openSync(path, constants.O_RDWR | constants.O_CREAT));
  atEnd(t, () => [ours, other].forEach((fd) => closeSync(fd as number)));
  assert.equal(kernel.lockFile(ours as number), 0);
  assert.equal(kernel.lockFile(other as number), EAGAIN);
  assert.deepEqual(kernel.lockHolder(other as number), { held: true, pid: null });
  // Unlike a lock of the process, it is not lost when another descriptor of the file is closed.
  closeSync(openSync(path, "r"));
  assert.equal(kernel.lockFile(other as number), EAGAIN);
  assert.deepEqual(
    kernel.spawn(shell("", { descriptors: [-1, -1, -1, other as number], lock: 3 })),
    { stage: "lock", errno: EAGAIN },
  );
});

test("a descriptor takes another's place, and stays over exec only as 0 to 2", (t) => {
  assertNoLeaks(t);
  const [one, two] = [openSync("/dev/null", "r"), openSync("/dev/zero", "r")];
  atEnd(t, () => [one, two].forEach((fd) => closeSync(fd)));
  assert.equal(kernel.replaceDescriptor(two, one), 0);
  const bytes = new Uint8Array(4);
  assert.equal(kernel.read(one, bytes, 0, 4), 4);
  assert.equal(kernel.replaceDescriptor(1_000_000, one), -9);
});

test("the fake kernel locks files as well", () => {
  const fake = createFakeKernel();
  fake.allow();
  const open = (): number => fake.kernel.open("/lock", constants.O_RDWR | constants.O_CREAT, 0o600);
  const [ours, other] = [open(), open()];
  assert.equal(fake.kernel.lockFile(ours), 0);
  assert.equal(fake.kernel.lockFile(other), EAGAIN);
  assert.deepEqual(fake.kernel.lockHolder(other), { held: true, pid: null });
  assert.deepEqual(fake.kernel.lockHolder(ours), { held: false, pid: null });
});
