import { basename, dirname } from "node:path";
import { notifyEvents, readNotifications, type Kernel, type Notification } from "@supervise/sys";
import type { Watcher } from "./watcher.js";

/** What has happened to a watched name. */
export interface PathChange {
  /** The new name in the same directory, where the file was renamed there. */
  readonly renamedTo: string | null;
}

/**
 * Tells when the file of a name appears, goes, is replaced, or is written to; the directory need not be there yet. All names share one descriptor
 * of inotify(7), which is opened with the first and closed with the last.
 */
export interface PathWatches {
  /** Calls `onChange` after each change, several at once as one. Returns the undo, or a negative errno where the kernel has no more watches to give. */
  watch(path: string, onChange: (change: PathChange) => void): (() => void) | number;
}

const DIRECTORY_EVENTS =
  notifyEvents.created |
  notifyEvents.removed |
  notifyEvents.movedFrom |
  notifyEvents.movedTo |
  notifyEvents.selfRemoved |
  notifyEvents.selfMoved |
  notifyEvents.onlyDirectory |
  notifyEvents.added;
/** Of the file alone: what others write in the same directory, a log for instance, wakes nobody. */
const FILE_EVENTS =
  notifyEvents.modified |
  notifyEvents.attributes |
  notifyEvents.closedAfterWrite |
  notifyEvents.notFollowed |
  notifyEvents.added;
/** The directory is not where it was. */
const DIRECTORY_LOST =
  notifyEvents.selfRemoved | notifyEvents.selfMoved | notifyEvents.unmounted | notifyEvents.ignored;

const ENOENT = -2;
const ENOTDIR = -20;
const NONE = -1;

interface Watched {
  readonly path: string;
  readonly onChange: (change: PathChange) => void;
  /** Of the nearest directory that there is; the file's own, or one above it. */
  directory: number;
  /** What is expected to appear there. */
  name: string;
  /** Of the file, as long as it is there. */
  file: number;
}

export function createPathWatches(
  kernel: Pick<Kernel, "notifications" | "watchPath" | "unwatchPath" | "read" | "close">,
  watcher: Watcher,
): PathWatches {
  const all = new Set<Watched>();
  /** How many names rest on a watch: one inode has one. */
  const users = new Map<number, number>();
  let fd = NONE;
  let unwatch = (): void => undefined;

  const take = (path: string, events: number): number => {
    const number = kernel.watchPath(fd, path, events);
    if (number >= 0) users.set(number, (users.get(number) ?? 0) + 1);
    return number;
  };
  const release = (number: number): void => {
    if (number < 0) return;
    const left = (users.get(number) ?? 1) - 1;
    if (left > 0) users.set(number, left);
    else {
      users.delete(number);
      kernel.unwatchPath(fd, number);
    }
  };

  /** Watches the nearest directory that there is, and the file. Taken before it is released, so that nothing is missed in between. */
  const arm = (one: Watched): number => {
    const before = [one.directory, one.file];
    let below = one.path;
    let directory = take(dirname(below), DIRECTORY_EVENTS);
    while ((directory === ENOENT || directory === ENOTDIR) && dirname(below) !== below) {
      below = dirname(below);
      directory = take(dirname(below), DIRECTORY_EVENTS);
      // It may have been made since it was looked for: then what is in it would be missed.
      const made = directory < 0 ? directory : take(below, DIRECTORY_EVENTS);
      if (made < 0) continue;
      release(made);
      release(directory);
      return arm(one);
    }
    one.directory = directory;
    one.name = basename(below);
    one.file = directory < 0 || below !== one.path ? NONE : take(one.path, FILE_EVENTS);
    for (const number of before) release(number);
    return directory;
  };

  const concerns = (one: Watched, { watch, events, name }: Notification): boolean => {
    if ((events & notifyEvents.overflowed) !== 0) return true;
    if (watch === one.file) return true;
    if (watch !== one.directory) return false;
    return (events & DIRECTORY_LOST) !== 0 || name === one.name;
  };

  const changed = (): void => {
    const events = readNotifications(kernel, fd);
    for (const one of [...all]) {
      const own = events.filter((event) => concerns(one, event));
      if (own.length === 0) continue;
      arm(one);
      if (all.has(one)) one.onChange({ renamedTo: newName(one, own, events) });
    }
  };

  const open = (): number => {
    if (fd >= 0) return fd;
    fd = kernel.notifications();
    if (fd >= 0) unwatch = watcher.readable(fd, changed);
    return fd;
  };
  const closeIfUnused = (): void => {
    if (all.size > 0 || fd < 0) return;
    unwatch();
    kernel.close(fd);
    fd = NONE;
    users.clear();
  };

  return {
    watch: (path, onChange) => {
      const opened = open();
      if (opened < 0) return opened;
      const one: Watched = { path, onChange, directory: NONE, name: "", file: NONE };
      const armed = arm(one);
      if (armed < 0) {
        closeIfUnused();
        return armed;
      }
      all.add(one);
      return () => {
        if (!all.delete(one)) return;
        release(one.directory);
        release(one.file);
        closeIfUnused();
      };
    },
  };
}

/** A rename within one directory is told in two halves with the same cookie. */
function newName(
  one: Watched,
  own: readonly Notification[],
  all: readonly Notification[],
): string | null {
  const from = own.findLast(({ events }) => (events & notifyEvents.movedFrom) !== 0);
  if (from === undefined || from.name !== basename(one.path)) return null;
  const to = all.find(
    ({ events, cookie, watch }) =>
      (events & notifyEvents.movedTo) !== 0 && cookie === from.cookie && watch === from.watch,
  );
  return to?.name ?? null;
}
