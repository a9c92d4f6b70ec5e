import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  acquireLock,
  alreadyRunning,
  DaemonError,
  identityOf,
  writePidfile,
} from "@supervise/daemon";
import { createKernel } from "@supervise/sys";
import {
  assertNoLeaks,
  atEnd,
  isAlive,
  start,
  temporaryDirectory,
  until,
} from "@supervise/testkit";
import type { Started, TestScope } from "@supervise/testkit";

const isRoot = process.getuid?.() === 0;
const program = join(import.meta.dirname, "programs/lock-holder.js");

async function holdLock(
  t: TestScope,
  lockfile: string,
  pidfile: string,
): Promise<Started & { readonly childPid: number }> {
  const started = start(t, process.execPath, [program, lockfile, pidfile]);
  const [, pid] = await started.stdout.match(/^ready (\d+)$/);
  atEnd(t, () => void process.kill(Number(pid), "SIGKILL"));
  return { ...started, childPid: Number(pid) };
}

test("a second daemon is refused, naming the first; SIGKILL frees the lock, whatever children live on", async (t) => {
  const directory = temporaryDirectory(t);
  const [lock, pidfile] = [join(directory, "lock"), join(directory, "pid")];
  assert.deepEqual(alreadyRunning(lock), { running: false });
  assert.ok(!existsSync(lock));
  const first = await holdLock(t, lock, pidfile);
  assert.deepEqual(alreadyRunning(lock), { running: true, pid: first.pid });
  const second = start(t, process.execPath, [program, lock, pidfile]);
  await second.stdout.match(
    new RegExp(
      `^refused EBUSY ${first.pid}: cannot lock "${lock}": it runs already as process ${first.pid} \\(EBUSY\\)$`,
    ),
  );
  assert.throws(() => acquireLock(lock), { code: "EBUSY", holder: first.pid });

  process.kill(first.pid, "SIGKILL");
  await first.exit();
  assert.ok(isAlive(first.childPid));
  assert.deepEqual(alreadyRunning(lock), { running: false });
  acquireLock(lock).release();
});

test("our own lock counts, is not lost by looking at the file, and is given back once", (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "lock");
  const lock = acquireLock(path);
  readFileSync(path);
  closeSync(openSync(path, "r+"));
  assert.deepEqual(alreadyRunning(path), { running: true, pid: process.pid });
  assert.throws(() => acquireLock(path), { code: "EBUSY" });
  lock.release();
  lock.release();
  assert.deepEqual(alreadyRunning(path), { running: false });
  acquireLock(path).release();
});

test("the note keeps others out where the lock is lost, and only while that very process lives", (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "lock");
  const { pid } = start(t, "sleep", ["60"]);
  const identity = identityOf(pid);
  assert.ok(identity !== null);
  const note = (ticks: number): void =>
    writeFileSync(path, `${pid}\n${ticks} ${identity.bootId} ${identity.pidNamespace}\n`);
  note(identity.startTicks);
  assert.throws(() => acquireLock(path), { code: "EBUSY", holder: pid });
  note(identity.startTicks - 1);
  acquireLock(path).release();
  for (const junk of ["", "x", `${pid}\n`, `${pid}\n1 2\n`, "\0".repeat(1_000)]) {
    writeFileSync(path, junk);
    acquireLock(path).release();
  }
});

test("a lock that nobody can be named for is refused all the same", (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "lock");
  const kernel = createKernel();
  // As a lock of another machine's process on a shared disk shows.
  for (const [holder, text] of [
    [{ held: true, pid: null }, /somebody holds it whom this machine does not name/],
    [{ held: true, pid: 4_194_304 }, /process 4194304 holds it, which is not to be seen from here/],
  ] as const) {
    const calls = { ...kernel, lockHolder: () => holder };
    assert.throws(() => acquireLock(path, { kernel: calls }), text);
  }
});

test("what could mislead is no lock file: links, FIFOs, devices, a stranger's", (t) => {
  assertNoLeaks(t);
  const directory = temporaryDirectory(t);
  const at = (name: string): string => join(directory, name);
  symlinkSync("/etc/passwd", at("link"));
  spawnSync("mkfifo", [at("fifo")]);
  mkdirSync(at("directory"));
  for (const [path, text] of [
    [at("link"), /it is a symbolic link, not a file \(EPERM\)/],
    [at("fifo"), /it is a FIFO, not a file/],
    [at("directory"), /it is a directory, not a file/],
    ["/dev/null", /it is a device, not a file/],
  ] as const) {
    assert.throws(() => acquireLock(path), text);
    assert.throws(() => alreadyRunning(path), text);
    assert.throws(() => writePidfile(path), text);
  }
  assert.throws(() => acquireLock(at("absent/lock")), { code: "ENOENT" });
  assert.throws(() => writePidfile(at("absent/pid")), { code: "ENOENT" });
  assert.deepEqual(alreadyRunning(at("absent/lock")), { running: false });
  if (!isRoot) return;
  mkdirSync(at("open"));
  chmodSync(at("open"), 0o1777);
  writeFileSync(at("open/lock"), "");
  chownSync(at("open/lock"), 65534, 65534);
  assert.throws(
    () => acquireLock(at("open/lock")),
    /belongs to user 65534 and lies in a directory/,
  );
  assert.throws(() => writePidfile(at("open/lock")), DaemonError);
});

test("a pidfile is replaced by rename, and removed only while it is ours", (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "d.pid");
  writeFileSync(path, "4123\n/var/lib/x\n");
  const listeners = process.listenerCount("exit");
  const pidfile = writePidfile(path);
  assert.equal(pidfile.replaced, 4123);
  assert.equal(readFileSync(path, "utf8"), `${process.pid}\n`);
  writeFileSync(path, "4124\n");
  assert.equal(pidfile.remove(), false);
  assert.equal(readFileSync(path, "utf8"), "4124\n");
  rmSync(path);
  const again = writePidfile(path);
  assert.equal(again.replaced, null);
  assert.equal(again.remove(), true);
  assert.ok(!existsSync(path));
  assert.equal(process.listenerCount("exit"), listeners);
});

test("a pidfile goes with its process at exit, and stays after SIGKILL", async (t) => {
  const directory = temporaryDirectory(t);
  const [lock, pidfile] = [join(directory, "lock"), join(directory, "pid")];
  const first = await holdLock(t, lock, pidfile);
  process.kill(first.pid, "SIGTERM");
  await first.exit();
  assert.ok(!existsSync(pidfile));
  const second = await holdLock(t, lock, pidfile);
  process.kill(second.pid, "SIGKILL");
  await second.exit();
  await until(() => readFileSync(pidfile, "utf8") === `${second.pid}\n`, { what: "its number" });
});
