import assert from "node:assert/strict";
import { constants } from "node:fs";
import { test } from "node:test";
import {
  createFakeKernel,
  createKernel,
  errnoName,
  pollEvents,
  signalNumber,
} from "@supervise/sys";
import type { FakeKernel, SpawnRequest } from "@supervise/sys";

const { input, hangUp } = pollEvents;
const term = signalNumber("TERM") as number;

function request(file: string, more: Partial<SpawnRequest> = {}): SpawnRequest {
  return { files: [file], argv: [file], env: [], descriptors: [], session: "new", ...more };
}

function start(fake: FakeKernel, file: string, more: Partial<SpawnRequest> = {}): number {
  const result = fake.kernel.spawn(request(file, more));
  assert.ok("pid" in result, JSON.stringify(result));
  return result.pid;
}

function readText(fake: FakeKernel, fd: number): string | number {
  const buffer = new Uint8Array(100);
  const count = fake.kernel.read(fd, buffer, 0, buffer.length);
  return count < 0 ? count : Buffer.from(buffer.subarray(0, count)).toString();
}

test("the fake has the calls of the real kernel, no more and no less", () => {
  assert.deepEqual(
    Object.keys(createFakeKernel().kernel).sort(),
    Object.keys(createKernel(process.env["SUPERVISE_SYS_ADDON"])).sort(),
  );
});

test("every call throws that was not expected, and again after its undo", () => {
  const fake = createFakeKernel();
  for (const [name, call] of Object.entries(fake.kernel) as [
    string,
    (...all: unknown[]) => unknown,
  ][]) {
    assert.throws(() => call(), new RegExp(`unexpected call of the kernel: ${name}\\(\\)`));
  }
  const undo = fake.allow("monotonicMs");
  const undoBoth = fake.allow("monotonicMs", "close");
  assert.equal(fake.kernel.monotonicMs(), 0);
  undoBoth();
  undoBoth();
  assert.equal(fake.kernel.monotonicMs(), 0);
  assert.throws(() => fake.kernel.close(1), /unexpected call/);
  undo();
  assert.throws(() => fake.kernel.monotonicMs(), /unexpected call/);
  assert.throws(() => fake.allow("openPty"), /no simulation of openPty/);
});

test("answers by once() come first and in order, and those that nobody asks for are told", () => {
  const fake = createFakeKernel();
  const undo = fake.on("lock", () => -11);
  fake.once("lock", () => 1);
  fake.once("lock", () => 2);
  assert.throws(() => fake.assertDone(), /never came: lock, lock/);
  assert.deepEqual([fake.kernel.lock(5), fake.kernel.lock(6), fake.kernel.lock(7)], [1, 2, -11]);
  fake.assertDone();
  fake.once("lock", () => 3)();
  const undoSecond = fake.on("lock", () => 9);
  assert.equal(fake.kernel.lock(8), 9);
  undoSecond();
  assert.equal(fake.kernel.lock(8), -11);
  undo();
  assert.throws(() => fake.kernel.lock(8), /lock\(8\)/);
  assert.deepEqual(
    fake.calls.map((call) => call.arguments),
    [[5], [6], [7], [8], [8], [8]],
  );
});

test("a spawn of an unknown program throws, a program that fails starts nothing", () => {
  const fake = createFakeKernel();
  fake.allow();
  assert.throws(() => fake.kernel.spawn(request("web")), /no fake program "web"/);
  const undo = fake.program("web", { fails: { stage: "exec", errno: -2 } });
  assert.deepEqual(fake.kernel.spawn(request("web")), { stage: "exec", errno: -2 });
  assert.deepEqual(fake.processes(), []);
  undo();
  assert.throws(() => fake.kernel.spawn(request("web")), /no fake program/);
});

test("a process ends at its deadline, not before, and is a zombie until it is reaped", () => {
  const fake = createFakeKernel();
  fake.allow();
  fake.program("job", { endsAfterMs: 100, end: { code: 7 } });
  const ends: number[] = [];
  const undo = fake.onChildEnd((pid) => ends.push(pid));
  const pid = start(fake, "job");
  fake.advance(99);
  assert.deepEqual([fake.process(pid).state, ends], ["running", []]);
  fake.advance(1);
  assert.deepEqual([fake.process(pid).state, ends], ["zombie", [pid]]);
  assert.equal(fake.kernel.kill(pid, 0), 0);
  assert.deepEqual(
    fake.kernel.reap((other) => other === pid),
    [],
  );
  assert.equal(fake.kernel.hasChildren(), true);
  assert.deepEqual(
    fake.kernel.reap(() => false).map(({ code, signal }) => [code, signal]),
    [[7, null]],
  );
  assert.equal(fake.kernel.hasChildren(), false);
  assert.equal(errnoName(fake.kernel.kill(pid, 0)), "ESRCH");
  assert.throws(() => fake.process(pid).exit({ code: 0 }), /has ended already/);
  undo();
});

test("signals end, are ignored or are handled; SIGKILL always ends", () => {
  const fake = createFakeKernel();
  fake.allow();
  fake.program("plain");
  fake.program("stubborn", { ignores: [term, 9] });
  fake.program("graceful", {
    onSignal: (signal, process) => (signal === term ? (process.exit({ code: 3 }), true) : false),
  });
  const [plain, stubborn, graceful] = ["plain", "stubborn", "graceful"].map((file) =>
    start(fake, file),
  ) as [number, number, number];
  for (const pid of [plain, stubborn, graceful]) fake.kernel.kill(pid, 17);
  for (const pid of [plain, stubborn, graceful]) fake.kernel.kill(pid, term);
  assert.equal(fake.process(stubborn).state, "running");
  assert.equal(fake.kernel.kill(-stubborn, 9), 0);
  assert.deepEqual(fake.process(stubborn).signals, [17, term, 9]);
  assert.deepEqual(
    fake.kernel.reap(() => false).map(({ pid, code, signal }) => [pid, code, signal]),
    [
      [plain, null, term],
      [stubborn, null, 9],
      [graceful, 3, null],
    ],
  );
});

test("orphans become ours when their parent ends, zombies among them at once", () => {
  const fake = createFakeKernel();
  fake.allow();
  fake.program("tree");
  const ends: number[] = [];
  fake.onChildEnd((pid) => ends.push(pid));
  const parent = fake.process(start(fake, "tree"));
  const [living, dead] = [parent.fork(), parent.fork()];
  dead.exit({ code: 1 });
  assert.deepEqual(ends, [], "its own parent is there to wait for it");
  parent.exit({ code: 0 });
  assert.deepEqual([ends, living.parent], [[parent.pid, dead.pid], 1]);
  assert.equal(fake.kernel.kill(-parent.pid, 9), 0);
  assert.deepEqual(
    fake.kernel.reap(() => false).map((child) => child.pid),
    [parent.pid, living.pid, dead.pid],
  );
});

test("a pidfd is ready when its process has ended, and tells its status once it was reaped", () => {
  const fake = createFakeKernel();
  fake.allow();
  fake.program("web");
  const pid = start(fake, "web");
  const pidfd = fake.kernel.pidfdOpen(pid);
  const seen: number[] = [];
  const poller = fake.kernel.createPoller((pairs) =>
    seen.push(pairs[0] as number, pairs[1] as number),
  );
  poller.add(pidfd, 42, input);
  assert.equal(fake.turn(), false);
  assert.equal(fake.kernel.pidfdSendSignal(pidfd, term), 0);
  assert.equal(fake.turn(), true);
  assert.deepEqual(seen, [42, input]);
  assert.deepEqual(fake.kernel.pidfdExit(pidfd), { waitStatus: null });
  fake.kernel.reap(() => false);
  assert.deepEqual(fake.kernel.pidfdExit(pidfd), { waitStatus: term });
  assert.equal(errnoName(fake.kernel.pidfdOpen(pid)), "ESRCH");
  poller.close();
  fake.kernel.close(pidfd);
  assert.deepEqual(fake.openDescriptors(), []);
});

test("a child's pipe carries its output, and ends with the last writer", () => {
  const fake = createFakeKernel();
  fake.allow();
  fake.program("web");
  const pipe = fake.kernel.pipe();
  assert.ok(typeof pipe === "object");
  const child = fake.process(start(fake, "web", { descriptors: [-1, pipe.write] }));
  const other = child.fork();
  fake.kernel.close(pipe.write);
  const seen: number[] = [];
  const poller = fake.kernel.createPoller((pairs, count) => {
    for (let index = 0; index < count; index++) seen.push(pairs[2 * index + 1] as number);
  });
  poller.add(pipe.read, 1, input);
  assert.equal(readText(fake, pipe.read), -11);
  assert.equal(child.write(1, "hello"), 5);
  fake.turn();
  assert.equal(readText(fake, pipe.read), "hello");
  child.exit({ code: 0 });
  assert.equal(readText(fake, pipe.read), -11, "its child still holds the pipe");
  other.exit({ code: 0 });
  fake.turn();
  assert.equal(readText(fake, pipe.read), "");
  assert.deepEqual(seen, [input, hangUp]);
  assert.equal(child.write(1, "late"), -9);
});

test("a pipe that a child holds open for reading too survives its reader, and is opened anew from /proc", () => {
  const fake = createFakeKernel();
  fake.allow();
  fake.program("web");
  const pipe = fake.kernel.pipe(8);
  assert.ok(typeof pipe === "object");
  const both = fake.kernel.open(`/proc/self/fd/${pipe.read}`, constants.O_RDWR, 0);
  const child = fake.process(start(fake, "web", { descriptors: [-1, both] }));
  for (const fd of [pipe.read, pipe.write, both]) fake.kernel.close(fd);
  assert.equal(child.write(1, "12345"), 5);
  assert.equal(child.write(1, "6789"), 3);
  assert.equal(child.write(1, "9"), -11);
  const again = fake.kernel.open(`/proc/${child.pid}/fd/1`, constants.O_RDONLY, 0);
  assert.equal(readText(fake, again), "12345678");
  fake.kernel.close(again);
});

test("a removal inside the callback takes the events of that turn back", () => {
  const fake = createFakeKernel();
  fake.allow();
  const pipes = [fake.kernel.pipe(), fake.kernel.pipe()] as { read: number; write: number }[];
  let seen: number[] = [];
  const poller = fake.kernel.createPoller((pairs, count) => {
    for (const { read } of pipes) poller.remove(read);
    seen = [...pairs.subarray(0, 2 * count)];
  });
  for (const [index, { read, write }] of pipes.entries()) {
    poller.add(read, index, input);
    fake.kernel.write(write, Buffer.from("x"), 0, 1);
  }
  assert.equal(fake.turn(), true);
  assert.deepEqual(seen, [0, 0, 1, 0]);
  assert.equal(fake.turn(), false);
  assert.equal(fake.watchedDescriptors(), 0);
});

test("files are written, read, locked and removed in memory", () => {
  const fake = createFakeKernel();
  fake.allow();
  const { kernel, files } = fake;
  assert.equal(errnoName(kernel.open("/run/lock", constants.O_RDWR, 0)), "ENOENT");
  const fd = kernel.open("/run/lock", constants.O_RDWR | constants.O_CREAT, 0o600);
  assert.equal(kernel.lock(fd), 0);
  const second = kernel.open("/run/lock", constants.O_RDWR, 0);
  assert.equal(errnoName(kernel.lock(second)), "EAGAIN");
  kernel.close(fd);
  assert.equal(kernel.lock(second), 0);
  kernel.close(second);
  const undo = files.holdLock("/run/lock");
  const third = kernel.open("/run/lock", constants.O_RDWR, 0);
  assert.equal(errnoName(kernel.lock(third)), "EAGAIN");
  undo();
  assert.equal(kernel.lock(third), 0);
  kernel.replaceFile("/run/web.pid", "12\n", 0o644);
  assert.equal(files.readText("/run/web.pid"), "12\n");
  const buffer = new Uint8Array(2);
  assert.deepEqual([kernel.readFile("/run/web.pid", buffer), [...buffer]], [2, [0x31, 0x32]]);
  assert.deepEqual(
    [kernel.unlink("/run/web.pid"), errnoName(kernel.unlink("/run/web.pid"))],
    [0, "ENOENT"],
  );
});

test("datagrams reach their socket with their sender, and are cut where they are too long", () => {
  const fake = createFakeKernel();
  fake.allow();
  const socket = fake.kernel.datagramSocket("/run/notify", 0o600);
  const sender = { pid: 101, uid: 0, gid: 0 };
  fake.deliver("/run/notify", {
    data: Buffer.from("READY=1"),
    sender,
    descriptors: [],
    truncated: false,
  });
  const datagram = fake.kernel.receive(socket, 5);
  assert.ok(typeof datagram === "object");
  assert.deepEqual(
    [Buffer.from(datagram.data).toString(), datagram.sender, datagram.truncated],
    ["READY", sender, true],
  );
  assert.equal(errnoName(fake.kernel.receive(socket, 5) as number), "EAGAIN");
  assert.equal(fake.kernel.sendTo("/run/notify", Buffer.from("x"), []), 1);
  fake.kernel.close(socket);
  assert.equal(errnoName(fake.kernel.sendTo("/run/notify", Buffer.from("x"), [])), "ECONNREFUSED");
  assert.throws(() => fake.deliver("/run/other", datagram), /no fake socket/);
});

test("accounts, limits and clocks are the test's", () => {
  const fake = createFakeKernel();
  fake.allow();
  const web = { name: "web", uid: 33, gid: 34, home: "/", shell: "/bin/false" };
  fake.accounts.users.push(web);
  fake.accounts.groups.push({ name: "logs", gid: 4, members: ["web"] });
  assert.deepEqual(
    [fake.kernel.lookupUser("web"), fake.kernel.lookupUser(33), fake.kernel.lookupUser("x")],
    [web, web, null],
  );
  assert.deepEqual(fake.kernel.groupsOf("web", 34), [34, 4]);
  assert.equal(fake.kernel.setLimit(7, 10, 20), 0);
  assert.deepEqual(fake.kernel.getLimit(7), { soft: 10, hard: 20 });
  assert.equal(errnoName(fake.kernel.setLimit(7, 30, 20)), "EINVAL");
  const before = fake.kernel.realtimeMicros();
  fake.advance(1.5);
  assert.deepEqual([fake.kernel.monotonicMs(), fake.kernel.realtimeMicros() - before], [1.5, 1500]);
});
