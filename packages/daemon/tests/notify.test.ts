import { deepEqual, equal, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { fstatSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { errnoName } from "@supervise/sys";
import { assertNoLeaks, start, temporaryDirectory } from "@supervise/testkit";
import { notify, notifyBarrier, notifyReady, watchdogEnabled } from "@supervise/daemon";
import type { NotifyState } from "@supervise/daemon";
import { fakeSyslogd as fakeManager, kernel } from "./fake-syslogd.js";

/** What each state is on the wire: one assignment a line (sd_notify(3)). */
const states: readonly (readonly [NotifyState, string])[] = [
  [{ ready: true }, "READY=1"],
  [{ ready: true, status: "serving\non 80" }, "READY=1\nSTATUS=serving on 80"],
  [{ stopping: true, status: "" }, "STOPPING=1\nSTATUS="],
  [
    { errno: -2, busError: "org.freedesktop.DBus.Error.TimedOut" },
    "ERRNO=2\nBUSERROR=org.freedesktop.DBus.Error.TimedOut",
  ],
  [{ mainPid: 4711, exitStatus: 3 }, "EXIT_STATUS=3\nMAINPID=4711"],
  [{ watchdog: "alive" }, "WATCHDOG=1"],
  [{ watchdog: "trigger" }, "WATCHDOG=trigger"],
  [{ watchdogMicros: 20_000_000 }, "WATCHDOG_USEC=20000000"],
  [{ extendTimeoutMicros: 5_000_000 }, "EXTEND_TIMEOUT_USEC=5000000"],
  [{ notifyAccess: "all", others: { X_MINE: "a=b" } }, "NOTIFYACCESS=all\nX_MINE=a=b"],
  [{ fdStore: { remove: "http" } }, "FDSTOREREMOVE=1\nFDNAME=http"],
];

test("every state is told in the words of sd_notify(3), by a path and in the abstract namespace", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "notify");
  const manager = fakeManager(t, path);
  for (const [state] of states)
    deepEqual(notify(state, { environment: { NOTIFY_SOCKET: path } }), { kind: "sent" });
  deepEqual(
    await manager.next(states.length),
    states.map(([, text]) => text),
  );
  const abstract = `@supervise-test-${process.pid}`;
  const fd = kernel.datagramSocket(abstract, 0o600);
  deepEqual(notifyReady("up", { environment: { NOTIFY_SOCKET: abstract } }), { kind: "sent" });
  const datagram = kernel.receive(fd, 100);
  ok(typeof datagram === "object");
  equal(Buffer.from(datagram.data).toString(), "READY=1\nSTATUS=up");
  equal(datagram.sender?.pid, process.pid);
  kernel.close(fd);
});

test("a reload tells its time on the monotonic clock", async (t) => {
  const path = join(temporaryDirectory(t), "notify");
  const manager = fakeManager(t, path);
  const before = kernel.monotonicMs() * 1000;
  notify({ reloading: true }, { environment: { NOTIFY_SOCKET: path } });
  const [text = ""] = await manager.next(1);
  const micros = Number(/^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(text)?.[1]);
  ok(micros >= Math.floor(before) && micros <= kernel.monotonicMs() * 1000, text);
});

test("descriptors are stored under their name, as copies", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "notify");
  const manager = fakeManager(t, path);
  const server = createServer().listen(join(temporaryDirectory(t), "socket"));
  await once(server, "listening");
  const pipe = kernel.pipe();
  ok(typeof pipe === "object");
  const fdStore = { name: "web socket", descriptors: [pipe.read, pipe.write], poll: false };
  deepEqual(notify({ fdStore }, { environment: { NOTIFY_SOCKET: path } }), { kind: "sent" });
  const [datagram] = manager.read();
  equal(Buffer.from(datagram?.data ?? []).toString(), "FDSTORE=1\nFDNAME=web socket\nFDPOLL=0");
  deepEqual(
    datagram?.descriptors.map((fd) => fstatSync(fd).ino),
    [pipe.read, pipe.write].map((fd) => fstatSync(fd).ino),
  );
  for (const fd of [...(datagram?.descriptors ?? []), pipe.read, pipe.write]) kernel.close(fd);
  server.close();
  await once(server, "close");
});

test("what can't be told is refused, and nothing is sent", (t) => {
  const path = join(temporaryDirectory(t), "notify");
  const manager = fakeManager(t, path);
  const wrong: readonly NotifyState[] = [
    {},
    { mainPid: -1 },
    { mainPid: 1.5 },
    { errno: Number.NaN },
    { fdStore: { remove: "a:b" } },
    { fdStore: { name: "", descriptors: [] } },
    { fdStore: { name: "x".repeat(256), descriptors: [] } },
    { others: { "a b": "c" } },
  ];
  for (const state of wrong) {
    const outcome = notify(state, { environment: { NOTIFY_SOCKET: path } });
    equal(outcome.kind === "failed" && errnoName(outcome.errno), "EINVAL", JSON.stringify(state));
  }
  deepEqual(manager.read(), []);
});

test("without a manager, or with one out of reach, a notification is a value and no exception", async (t) => {
  const directory = temporaryDirectory(t);
  deepEqual(notifyReady(undefined, { environment: {} }), { kind: "unasked" });
  deepEqual(await notifyBarrier(1, { environment: {} }), { kind: "unasked" });
  for (const [address, errno] of [
    [join(directory, "none"), "ENOENT"],
    ["relative", "EAFNOSUPPORT"],
    ["vsock:2:1234", "EAFNOSUPPORT"],
    ["/", "EAFNOSUPPORT"],
    [`/${"x".repeat(200)}`, "ENAMETOOLONG"],
  ] as const) {
    const outcome = notifyReady(undefined, { environment: { NOTIFY_SOCKET: address } });
    equal(outcome.kind === "failed" && errnoName(outcome.errno), errno, address);
  }
});

test("a manager that does not read is waited for, but not for ever", (t) => {
  const path = join(temporaryDirectory(t), "notify");
  fakeManager(t, path);
  const options = { environment: { NOTIFY_SOCKET: path }, patienceMs: 20 };
  let sent = 0;
  let outcome = notifyReady(undefined, options);
  for (; outcome.kind === "sent" && sent < 100_000; sent += 1)
    outcome = notifyReady(undefined, options);
  equal(outcome.kind === "failed" && errnoName(outcome.errno), "EAGAIN");
});

test("the variable is removed where that is asked for", (t) => {
  const path = join(temporaryDirectory(t), "notify");
  fakeManager(t, path);
  const environment: NodeJS.ProcessEnv = { NOTIFY_SOCKET: path };
  equal(notifyReady(undefined, { environment }).kind, "sent");
  equal(notifyReady(undefined, { environment, unsetEnvironment: true }).kind, "sent");
  deepEqual(environment, {});
  equal(notifyReady(undefined, { environment }).kind, "unasked");
});

test("the barrier is over once the manager has dealt with all before it, or after its time", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "notify");
  const manager = fakeManager(t, path);
  const environment = { NOTIFY_SOCKET: path };
  notifyReady(undefined, { environment });
  const barrier = notifyBarrier(10_000, { environment });
  const [ready, asked] = manager.read();
  equal(Buffer.from(ready?.data ?? []).toString(), "READY=1");
  equal(Buffer.from(asked?.data ?? []).toString(), "BARRIER=1");
  equal(asked?.descriptors.length, 1);
  for (const fd of asked?.descriptors ?? []) kernel.close(fd);
  deepEqual(await barrier, { kind: "sent" });
  const late = await notifyBarrier(5, { environment });
  equal(late.kind === "failed" && errnoName(late.errno), "ETIMEDOUT");
  for (const { descriptors } of manager.read()) for (const fd of descriptors) kernel.close(fd);
});

test("the watchdog is on for the process that is meant", () => {
  const enabled = (environment: NodeJS.ProcessEnv) => watchdogEnabled({ environment, pid: 77 });
  deepEqual(enabled({}), { kind: "off" });
  deepEqual(enabled({ WATCHDOG_USEC: "2500000" }), { kind: "on", timeoutMs: 2500 });
  deepEqual(enabled({ WATCHDOG_USEC: "1", WATCHDOG_PID: "77" }), { kind: "on", timeoutMs: 0.001 });
  deepEqual(enabled({ WATCHDOG_USEC: "1", WATCHDOG_PID: "78" }), { kind: "off" });
  for (const value of ["", "0", "-1", "1s", "9".repeat(20)])
    deepEqual(enabled({ WATCHDOG_USEC: value }), { kind: "malformed", value });
  deepEqual(enabled({ WATCHDOG_USEC: "1", WATCHDOG_PID: "me" }), {
    kind: "malformed",
    value: "me",
  });
  const environment = { WATCHDOG_USEC: "1", WATCHDOG_PID: "78", OTHER: "stays" };
  watchdogEnabled({ environment, unsetEnvironment: true });
  deepEqual(environment, { OTHER: "stays" });
});

const tool = spawnSync("systemd-notify", ["--version"], { stdio: "ignore" }).status === 0;

test(
  "systemd-notify(1) says the same",
  { skip: tool ? false : "systemd-notify is not installed" },
  async (t) => {
    const path = join(temporaryDirectory(t), "notify");
    const manager = fakeManager(t, path);
    const env = { ...process.env, NOTIFY_SOCKET: path };
    const args = ["--no-block", "--ready", "--status=up and well", "X_MINE=1"];
    const said = start(t, "systemd-notify", args, { env });
    deepEqual(await said.exit(), { code: 0, signal: null }, said.stderr.all.join("\n"));
    notify(
      { ready: true, status: "up and well", others: { X_MINE: "1" } },
      { environment: { NOTIFY_SOCKET: path } },
    );
    const [theirs, ours] = await manager.next(2);
    deepEqual(theirs?.split("\n").toSorted(), ours?.split("\n").toSorted());
  },
);
