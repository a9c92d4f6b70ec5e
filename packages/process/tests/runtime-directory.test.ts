import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { lockProject, runtimeDirectory } from "@supervise/process";
import type { RuntimeDirectory } from "@supervise/process";
import { createKernel } from "@supervise/sys";
import { spawnFixture, start, temporaryDirectory } from "@supervise/testkit";

const kernel = createKernel();
const uid = process.geteuid?.() ?? 0;
const root = uid === 0;

test("root's is below /run, a user's below XDG_RUNTIME_DIR, else a private one below the temporary directory", (t) => {
  const directory = temporaryDirectory(t);
  const ask = (asUid: number, env: Record<string, string>, runRoot = directory): RuntimeDirectory =>
    runtimeDirectory({
      project: "shop",
      requested: null,
      uid: asUid,
      env: { TMPDIR: join(directory, "tmp"), ...env },
      runRoot,
    });
  mkdirSync(join(directory, "tmp"));
  assert.deepEqual(ask(0, {}), { kind: "directory", path: join(directory, "supervise/shop") });
  assert.ok(statSync(join(directory, "supervise/shop")).isDirectory());

  const xdg = join(directory, "xdg");
  assert.deepEqual(ask(1234, { XDG_RUNTIME_DIR: xdg }), {
    kind: "directory",
    path: join(xdg, "supervise/shop"),
  });
  // One that is relative is none (the specification says so).
  const fallback = ask(uid, { XDG_RUNTIME_DIR: "relative" }, "/dev/null");
  assert.deepEqual(fallback, {
    kind: "directory",
    path: join(directory, `tmp/supervise-${uid}/shop`),
  });
  assert.equal(statSync(join(directory, `tmp/supervise-${uid}`)).mode & 0o777, 0o700);
  assert.deepEqual(ask(uid, {}, "/dev/null"), fallback);
});

test("a private folder that another may enter, owns or has put a link for is not used", (t) => {
  const directory = temporaryDirectory(t);
  const folder = join(directory, `supervise-${uid}`);
  const ask = (): string =>
    runtimeDirectory({
      project: "shop",
      requested: null,
      uid,
      env: { TMPDIR: directory },
      runRoot: "/dev/null",
    }).kind;
  mkdirSync(folder);
  chmodSync(folder, 0o770);
  assert.equal(ask(), "none");
  chmodSync(folder, 0o700);
  assert.equal(ask(), "directory");
  rmSync(folder, { recursive: true });
  mkdirSync(join(directory, "elsewhere"), { mode: 0o700 });
  symlinkSync(join(directory, "elsewhere"), folder);
  assert.equal(ask(), "none");
  rmSync(folder);
  writeFileSync(folder, "");
  assert.equal(ask(), "none");
  if (!root) return;
  rmSync(folder);
  mkdirSync(folder, { mode: 0o700 });
  chownSync(folder, 12345, 12345);
  assert.equal(ask(), "none");
});

test("no place at all is not an error, but a requested one that fails is", (t) => {
  const directory = temporaryDirectory(t);
  const request = { project: "shop", uid, env: { TMPDIR: "/proc" }, runRoot: "/dev/null" };
  assert.deepEqual(runtimeDirectory({ ...request, requested: null }), { kind: "none" });
  const path = join(directory, "a/b");
  assert.deepEqual(runtimeDirectory({ ...request, requested: path }), { kind: "directory", path });
  assert.deepEqual(runtimeDirectory({ ...request, requested: "/dev/null/x" }), {
    kind: "refused",
    path: "/dev/null/x",
    errno: "ENOTDIR",
    why: "it cannot be made",
  });
  writeFileSync(join(directory, "file"), "");
  const refused = runtimeDirectory({ ...request, requested: join(directory, "file") });
  assert.equal(refused.kind === "refused" ? refused.errno : refused.kind, "EEXIST");
});

test("a lock is held for life: a second one learns who holds it, and it is free again after SIGKILL", async (t) => {
  const directory = temporaryDirectory(t);
  const first = lockProject(kernel, directory, process.pid);
  assert.ok(first.kind === "held");
  assert.equal(readFileSync(first.path, "utf8"), `${process.pid}\n`);
  assert.deepEqual(lockProject(kernel, directory, 1), { kind: "busy", holder: process.pid });
  first.release();
  assert.ok(existsSync(first.path));

  // A number longer than ours leaves nothing behind.
  writeFileSync(first.path, "4194303\n");
  const second = lockProject(kernel, directory, 77);
  assert.ok(second.kind === "held");
  assert.equal(second.note, "");
  assert.equal(readFileSync(second.path, "utf8"), "77\n");
  second.release();

  const holder = await spawnFixture(t, "hold-lock", [join(directory, "lock")]);
  assert.deepEqual(lockProject(kernel, directory, 1), { kind: "busy", holder: 77 });
  holder.child.kill("SIGKILL");
  await holder.exit();
  const third = lockProject(kernel, directory, process.pid);
  assert.ok(third.kind === "held");
  third.release();
});

test("what a holder notes is there for the next, however it ended, until it is taken back", (t) => {
  const directory = temporaryDirectory(t);
  const first = lockProject(kernel, directory, 4194303);
  assert.ok(first.kind === "held");
  assert.equal(first.setNote("three replicas"), null);
  assert.deepEqual(lockProject(kernel, directory, 1), { kind: "busy", holder: 4194303 });
  first.release();
  const second = lockProject(kernel, directory, 5);
  assert.ok(second.kind === "held");
  assert.equal(second.note, "three replicas");
  assert.equal(readFileSync(second.path, "utf8"), "5\nthree replicas\n");
  assert.equal(second.setNote(""), null);
  assert.equal(readFileSync(second.path, "utf8"), "5\n");
  second.release();
});

test("no program that a holder starts keeps the lock", async (t) => {
  const directory = temporaryDirectory(t);
  const lock = lockProject(kernel, directory, process.pid);
  assert.ok(lock.kind === "held");
  const { stdout } = start(t, "sh", ["-c", "echo ready; exec sleep 60"]);
  await stdout.match(/^ready$/);
  lock.release();
  const again = lockProject(kernel, directory, process.pid);
  assert.ok(again.kind === "held");
  again.release();
});

test("a lock file that cannot be opened, or is a link, is an error with its errno", (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, "lock");
  assert.deepEqual(lockProject(kernel, join(directory, "none"), 1), {
    kind: "failed",
    path: join(directory, "none/lock"),
    errno: "ENOENT",
  });
  symlinkSync("/etc/hostname", path);
  assert.deepEqual(lockProject(kernel, directory, 1), { kind: "failed", path, errno: "ELOOP" });
  rmSync(path);
  spawnSync("mkdir", [path]);
  assert.deepEqual(lockProject(kernel, directory, 1), { kind: "failed", path, errno: "EISDIR" });
});
