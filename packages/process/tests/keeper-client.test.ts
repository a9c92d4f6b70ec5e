import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeMessage, encodeMessage, LONGEST_PACKET, openKeeper } from "@supervise/process";
import type { Exit, Hello, Keeper, KeeperMessage, Signal } from "@supervise/process";
import { createKernel } from "@supervise/sys";
import { assertNoLeaks, atEnd, until, type TestScope } from "@supervise/testkit";

const kernel = createKernel();

const HELLO: Hello = {
  type: "hello",
  previousEndedAtMs: 0,
  exitsLost: 0,
  signalsLost: 0,
  openFiles: 1024,
  version: 1,
  generation: 2,
  previousEnd: 2,
  previousStatus: 9,
  initPid: 1,
  flags: 1,
};

function exitOf(number: number, pid: number): Exit {
  return {
    type: "exit",
    number,
    atMs: 1,
    userCpuMicros: 0,
    systemCpuMicros: 0,
    maxRssBytes: 0,
    pid,
    code: 1,
    status: 3,
  };
}

function signalOf(number: number, signal: number): Signal {
  return {
    type: "signal",
    number,
    atMs: 1,
    value: 0n,
    signal,
    code: 0,
    senderPid: 12,
    senderUid: 0,
  };
}

/** The keeper's end of a pair of sockets, in the hands of the test. */
interface Scene {
  readonly theirs: number;
  say(message: KeeperMessage, descriptors?: readonly number[]): void;
  /** The next message of the client. */
  hear(): Promise<KeeperMessage>;
  /** Ends the keeper. */
  leave(): void;
  open(): Promise<Keeper>;
}

function makeScene(t: TestScope): Scene {
  const pair = kernel.socketPair();
  assert.ok(typeof pair !== "number");
  const [ours, theirs] = pair;
  let open = true;
  const leave = (): void => {
    if (open) kernel.close(theirs);
    open = false;
  };
  atEnd(t, leave);
  return {
    theirs,
    leave,
    say: (message, descriptors = []) =>
      assert.ok(kernel.send(theirs, encodeMessage(message), descriptors) > 0),
    hear: () =>
      until(
        () => {
          const packet = kernel.receive(theirs, LONGEST_PACKET);
          if (typeof packet === "number") return null;
          packet.descriptors.forEach(kernel.close);
          const message = decodeMessage(packet.data);
          assert.ok(message.type !== "bad");
          return message;
        },
        { what: "a message" },
      ),
    open: () => openKeeper(kernel, ours),
  };
}

interface Heard {
  readonly log: string[];
  /** What is said of the next signal. */
  owe: boolean | Promise<unknown>;
}

function listenTo(keeper: Keeper, scene: Scene, t: TestScope): Heard {
  const heard: Heard = { log: [], owe: false };
  keeper.listen({
    exits: (exits) => heard.log.push(`exits ${exits.map(({ pid }) => pid).join(" ")}`),
    signal: ({ signal }) => {
      heard.log.push(`signal ${signal}`);
      return typeof heard.owe === "boolean" ? !heard.owe : heard.owe;
    },
    problem: (message) => heard.log.push(message),
    gone: () => heard.log.push("gone"),
  });
  // The client ends with its keeper.
  atEnd(t, async () => {
    scene.leave();
    await until(() => heard.log.includes("gone"), { what: "the end of the client" });
  });
  return heard;
}

async function begun(t: TestScope, it: Scene): Promise<{ keeper: Keeper; heard: Heard }> {
  it.say(HELLO);
  it.say({ type: "begin" });
  const keeper = await it.open();
  return { keeper, heard: listenTo(keeper, it, t) };
}

test("what was held is there once BEGIN has come, and what came since is handed on then", async (t) => {
  assertNoLeaks(t);
  const it = makeScene(t);
  const file = kernel.memoryFile("records");
  it.say(HELLO);
  it.say({ type: "held", name: "records" }, [file, file]);
  it.say({ type: "held", name: "run/1" }, [file]);
  it.say({ type: "begin" });
  it.say(exitOf(4, 100));
  it.say(exitOf(5, 101));
  it.say(signalOf(1, 15));
  kernel.close(file);
  const keeper = await it.open();
  assert.deepEqual(keeper.hello, HELLO);
  assert.deepEqual([keeper.knowsEndOf(101), keeper.knowsEndOf(102)], [true, false]);
  const records = keeper.take("records");
  assert.equal(records?.length, 2);
  assert.equal(keeper.take("records"), null);
  assert.deepEqual(keeper.left(), ["run/1"]);
  for (const fd of [...(records ?? []), ...(keeper.take("run/1") ?? [])]) kernel.close(fd);
  const heard = listenTo(keeper, it, t);
  assert.deepEqual(heard.log, ["exits 100 101", "signal 15"]);
  assert.deepEqual(await it.hear(), { type: "acknowledge", exits: 5, signals: 1 });
});

test("a signal that is not dealt with is owed, and so is each after it", async (t) => {
  assertNoLeaks(t);
  const it = makeScene(t);
  const { heard } = await begun(t, it);
  it.say(signalOf(1, 1));
  assert.deepEqual(await it.hear(), { type: "acknowledge", exits: 0, signals: 1 });
  heard.owe = true;
  it.say(signalOf(2, 15));
  await until(() => heard.log.includes("signal 15"), { what: "the signal" });
  heard.owe = false;
  it.say(signalOf(3, 1));
  it.say(exitOf(1, 100));
  assert.deepEqual(await it.hear(), { type: "acknowledge", exits: 1, signals: 1 });
});

test("a signal whose work takes a while is owed until that is done, well or not, and so is each after it", async (t) => {
  assertNoLeaks(t);
  const it = makeScene(t);
  const { heard } = await begun(t, it);
  let done = (): void => undefined;
  let fail = (): void => undefined;
  heard.owe = new Promise<void>((resolve) => (done = resolve));
  it.say(signalOf(1, 1));
  await until(() => heard.log.length === 1, { what: "the first" });
  heard.owe = new Promise<void>((_, reject) => (fail = reject));
  it.say(signalOf(2, 1));
  await until(() => heard.log.length === 2, { what: "the second" });
  heard.owe = false;
  it.say(signalOf(3, 10));
  await until(() => heard.log.length === 3, { what: "the third" });
  fail();
  it.say(exitOf(1, 100));
  assert.deepEqual(await it.hear(), { type: "acknowledge", exits: 1, signals: 0 });
  done();
  assert.deepEqual(await it.hear(), { type: "acknowledge", exits: 1, signals: 3 });
});

test("a ping is answered whoever listens, and mistakes of the keeper are told", async (t) => {
  assertNoLeaks(t);
  const it = makeScene(t);
  it.say(HELLO);
  it.say({ type: "begin" });
  const keeper = await it.open();
  it.say({ type: "ping", number: 7 });
  assert.deepEqual(await it.hear(), { type: "pong", number: 7 });
  const heard = listenTo(keeper, it, t);
  it.say({ type: "refused", errno: 28, refusedType: 67, name: "run/9" });
  it.say({ type: "refused", errno: 22, refusedType: 69, name: "" });
  it.say({ type: "ready" });
  kernel.send(it.theirs, Buffer.from("rubbish"), []);
  it.say({ type: "ping", number: 8 });
  assert.deepEqual(await it.hear(), { type: "pong", number: 8 });
  assert.deepEqual(heard.log, [
    'the keeper has refused DEPOSIT "run/9": no space left on device (ENOSPC)',
    "the keeper has refused SETTINGS: invalid argument (EINVAL)",
    "the keeper sent a supervisor's message: READY",
    "the keeper sent what is no message: a packet of 7 bytes has no whole header",
  ]);
});

test("to a keeper that does not read everything is said later, in order, with descriptors that the caller has closed", async (t) => {
  assertNoLeaks(t);
  const it = makeScene(t);
  const { keeper } = await begun(t, it);
  const count = 2_000;
  for (let number = 0; number < count; number += 1) {
    const file = kernel.memoryFile("one");
    keeper.deposit(`run/${number}`, [file]);
    kernel.close(file);
  }
  keeper.finished(3, "over");
  for (let number = 0; number < count; number += 1)
    assert.deepEqual(await it.hear(), { type: "deposit", name: `run/${number}` });
  assert.deepEqual(await it.hear(), { type: "finished", exitCode: 3, reason: "over" });
});

test("a keeper that ends is told once, and nothing said after it harms", async (t) => {
  assertNoLeaks(t);
  const it = makeScene(t);
  const { keeper, heard } = await begun(t, it);
  it.leave();
  await until(() => heard.log.includes("gone"), { what: "the end" });
  keeper.withdraw("run/1");
  keeper.close();
  assert.equal(keeper.connected, false);
  assert.deepEqual(heard.log, ["gone"]);
});

test("who is no keeper is refused with the reason", async (t) => {
  assertNoLeaks(t);
  const ended = makeScene(t);
  ended.say(HELLO);
  ended.leave();
  await assert.rejects(ended.open(), /cannot talk to the keeper: it has ended/);
  const silent = makeScene(t);
  silent.say({ type: "begin" });
  await assert.rejects(silent.open(), /cannot talk to the keeper: it said BEGIN before HELLO/);
  await assert.rejects(openKeeper(kernel, 9_999), /descriptor 9999: bad file descriptor \(EBADF\)/);
});
