import assert from "node:assert/strict";
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { errnoName, notifyEvents, readNotifications } from "@supervise/sys";
import { kernel } from "./running.js";

const { created, modified, movedFrom, movedTo, removed, ignored, onlyDirectory } = notifyEvents;

function room(t: TestContext): { readonly fd: number; readonly directory: string } {
  const directory = mkdtempSync(join(tmpdir(), "sys-notify-"));
  const fd = kernel.notifications();
  assert.ok(fd >= 0, errnoName(fd));
  t.after(() => {
    kernel.close(fd);
    rmSync(directory, { recursive: true });
  });
  return { fd, directory };
}

test("what happens to the names of a directory is told in order, a rename in two halves", (t) => {
  const { fd, directory } = room(t);
  const watch = kernel.watchPath(fd, directory, created | movedFrom | movedTo | removed);
  assert.ok(watch > 0, errnoName(watch));
  const [first, second] = [join(directory, "one"), join(directory, "a longer name, ü")];
  writeFileSync(first, "");
  renameSync(first, second);
  rmSync(second);
  const events = readNotifications(kernel, fd);
  assert.deepEqual(
    events.map(({ events: bits, name }) => [bits, name]),
    [
      [created, "one"],
      [movedFrom, "one"],
      [movedTo, "a longer name, ü"],
      [removed, "a longer name, ü"],
    ],
  );
  assert.ok(events.every((event) => event.watch === watch));
  assert.notEqual(events[1]?.cookie, 0);
  assert.equal(events[1]?.cookie, events[2]?.cookie);
  assert.deepEqual(readNotifications(kernel, fd), []);
});

test("more events than fit into one read are all told", (t) => {
  const { fd, directory } = room(t);
  kernel.watchPath(fd, directory, created);
  const names = Array.from({ length: 400 }, (_, index) => `${"x".repeat(60)}-${index}`);
  for (const name of names) writeFileSync(join(directory, name), "");
  assert.deepEqual(
    readNotifications(kernel, fd).map(({ name }) => name),
    names,
  );
});

test("a file that is watched by itself tells what is written, and the end of its watch", (t) => {
  const { fd, directory } = room(t);
  const path = join(directory, "file");
  writeFileSync(path, "1");
  const watch = kernel.watchPath(fd, path, modified);
  appendFileSync(path, "2");
  assert.equal(kernel.unwatchPath(fd, watch), 0);
  appendFileSync(path, "3");
  assert.deepEqual(
    readNotifications(kernel, fd).map(({ events, name }) => [events, name]),
    [
      [modified, ""],
      [ignored, ""],
    ],
  );
  assert.equal(errnoName(kernel.unwatchPath(fd, watch)), "EINVAL");
});

test("what cannot be watched is an errno", (t) => {
  const { fd, directory } = room(t);
  assert.equal(errnoName(kernel.watchPath(fd, join(directory, "none"), created)), "ENOENT");
  const path = join(directory, "file");
  writeFileSync(path, "");
  assert.equal(errnoName(kernel.watchPath(fd, path, created | onlyDirectory)), "ENOTDIR");
  assert.equal(errnoName(kernel.watchPath(-1, directory, created)), "EBADF");
});

test("whether a file is open for writing is known, and asking leaves nothing behind", (t) => {
  const { directory } = room(t);
  const path = join(directory, "file");
  writeFileSync(path, "");
  const asking = openSync(path, "r");
  const first = kernel.hasWriter(asking);
  if (first === -22) {
    closeSync(asking);
    t.skip("the file system of the temporary directory knows no leases");
    return;
  }
  assert.equal(first, 0);
  const writer = openSync(path, "a");
  assert.equal(kernel.hasWriter(asking), 1);
  closeSync(writer);
  assert.equal(kernel.hasWriter(asking), 0);
  // A lease that was left would make this wait, and raise SIGIO.
  closeSync(openSync(path, "r+"));
  closeSync(asking);
  assert.equal(errnoName(kernel.hasWriter(asking)), "EBADF");
});
