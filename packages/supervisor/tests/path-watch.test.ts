import { deepEqual, equal, ok } from "node:assert/strict";
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createDescriptorWatch } from "@supervise/log";
import { createKernel } from "@supervise/sys";
import { atEnd, temporaryDirectory, until } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { createPathWatches, type PathChange, type PathWatches } from "#supervisor/path-watch.js";
import { createWatcher } from "#supervisor/watcher.js";

const kernel = createKernel();

interface Watched {
  readonly directory: string;
  readonly watches: PathWatches;
  /** Watches a name below the directory; its changes so far. */
  readonly watch: (name: string) => { readonly changes: PathChange[]; readonly undo: () => void };
}

function watched(t: TestScope): Watched {
  const directory = temporaryDirectory(t);
  const descriptors = createDescriptorWatch(kernel, () => undefined);
  const watches = createPathWatches(kernel, createWatcher(descriptors));
  atEnd(t, () => descriptors.close());
  return {
    directory,
    watches,
    watch: (name) => {
      const changes: PathChange[] = [];
      const undo = watches.watch(join(directory, name), (change) => changes.push(change));
      if (typeof undo === "number") throw new Error(`cannot watch: ${undo}`);
      atEnd(t, undo);
      return { changes, undo };
    },
  };
}

async function count(changes: readonly PathChange[], least: number): Promise<void> {
  await until(() => changes.length >= least, { what: `${least} changes` });
}

function notifyDescriptors(): readonly string[] {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === "anon_inode:inotify";
    } catch {
      return false;
    }
  });
}

test("a file is told when it appears, is written to, is replaced and goes; its neighbours are not", async (t) => {
  const { directory, watch } = watched(t);
  const { changes } = watch("it.pid");
  const other = watch("other.pid");
  const path = join(directory, "it.pid");
  const steps = [
    () => writeFileSync(path, "1"),
    () => writeFileSync(path, "2"),
    () => {
      writeFileSync(`${path}.new`, "3");
      renameSync(`${path}.new`, path);
    },
    () => writeFileSync(path, "4"),
    () => rmSync(path),
  ];
  for (const step of steps) {
    const before = changes.length;
    step();
    await count(changes, before + 1);
  }
  equal(other.changes.length, 0);
  // What is written to a neighbour that is there wakes nobody, not even to find out.
  writeFileSync(join(directory, "other.pid"), "5");
  await count(other.changes, 1);
  const seen = changes.length;
  writeFileSync(path, "6");
  await count(changes, seen + 1);
});

test("a rename in the same directory is told with its new name", async (t) => {
  const { directory, watch } = watched(t);
  writeFileSync(join(directory, "it.pid"), "");
  const { changes } = watch("it.pid");
  renameSync(join(directory, "it.pid"), join(directory, "it.pid.oldbin"));
  await count(changes, 1);
  deepEqual(changes.at(-1), { renamedTo: "it.pid.oldbin" });
  renameSync(join(directory, "it.pid.oldbin"), join(directory, "it.pid"));
  await until(() => changes.at(-1)?.renamedTo === null, { what: "the way back" });
});

test("directories that come later, go, and come again are followed", async (t) => {
  const { directory, watch } = watched(t);
  const { changes } = watch("a/b/c/it.pid");
  for (let round = 0; round < 3; round += 1) {
    let before = changes.length;
    mkdirSync(join(directory, "a/b/c"), { recursive: true });
    await count(changes, before + 1);
    before = changes.length;
    writeFileSync(join(directory, "a/b/c/it.pid"), "1");
    await count(changes, before + 1);
    before = changes.length;
    writeFileSync(join(directory, "a/b/c/it.pid"), "2");
    await count(changes, before + 1);
    before = changes.length;
    if (round === 1) renameSync(join(directory, "a/b"), join(directory, "a/moved"));
    rmSync(join(directory, "a"), { recursive: true });
    await count(changes, before + 1);
  }
});

test("a path that is itself a directory takes no other's watch away", async (t) => {
  const { directory, watch } = watched(t);
  mkdirSync(join(directory, "sub"));
  const { changes } = watch("sub/it.pid");
  watch("sub");
  writeFileSync(join(directory, "sub/it.pid"), "");
  await count(changes, 1);
});

test("all names share one descriptor, which is closed with the last", (t) => {
  const before = notifyDescriptors();
  const { watch } = watched(t);
  const all = ["a", "b", "c/d"].map((name) => watch(name));
  equal(notifyDescriptors().length, before.length + 1);
  const [fd] = notifyDescriptors().filter((each) => !before.includes(each));
  const marks = (): number =>
    readFileSync(`/proc/self/fdinfo/${fd}`, "utf8").match(/^inotify /gm)?.length ?? 0;
  equal(marks(), 1);
  for (const { undo } of all) undo();
  deepEqual(notifyDescriptors(), before);
});

test("where the kernel has no watch to give, that is an errno and leaves nothing", (t) => {
  const before = notifyDescriptors();
  const descriptors = createDescriptorWatch(kernel, () => undefined);
  atEnd(t, () => descriptors.close());
  const full = { ...kernel, watchPath: () => -28 };
  equal(
    createPathWatches(full, createWatcher(descriptors)).watch("/tmp/x", () => undefined),
    -28,
  );
  deepEqual(notifyDescriptors(), before);
  const none = { ...kernel, notifications: () => -24 };
  ok(
    Number(createPathWatches(none, createWatcher(descriptors)).watch("/tmp/x", () => undefined)) <
      0,
  );
});
