import { existsSync, watch, type FSWatcher } from "node:fs";
import { dirname } from "node:path";

/** A place where a supervisor may begin to listen. */
export interface Places {
  /** Paths of control sockets. */
  readonly paths: readonly string[];
  /** Whether somebody listens there who may be asked. */
  readonly answers: (path: string) => Promise<boolean>;
}

/** Between bind(2) and listen(2) a socket is there that refuses; so often, in milliseconds, it is looked at again. */
const REFUSED_EVERY_MS = 50;
/** A socket that refuses for longer was left by a supervisor that died; the next one makes it anew, which is seen. */
const REFUSED_LOOKS = 20;

/**
 * The path of the first socket that answers, at once or whenever that is. Null: `stop` came first. The directories where it would be are watched (inotify(7)),
 * and while there are none the directories in which they would be made.
 */
export async function firstToAnswer(
  { paths, answers }: Places,
  stop: AbortSignal,
): Promise<string | null> {
  let refusals = 0;
  while (!stop.aborted) {
    const change = nextChange(paths, stop);
    try {
      for (const path of paths) if (await answers(path)) return path;
      // Made between the beginning of the watch and now: it was not watched.
      if (change.directories.join() !== nearest(paths).join()) continue;
      const refused = paths.some((path) => existsSync(path)) && refusals < REFUSED_LOOKS;
      refusals = (await change.wait(refused ? REFUSED_EVERY_MS : null)) ? 0 : refusals + 1;
    } finally {
      change.close();
    }
  }
  return null;
}

interface Change {
  readonly directories: readonly string[];
  /** True: something has changed there; false: the time is over, or `stop` has come. */
  wait(limitMs: number | null): Promise<boolean>;
  close(): void;
}

function nextChange(paths: readonly string[], stop: AbortSignal): Change {
  const directories = nearest(paths);
  let changed = false;
  let wake = (): void => undefined;
  const tell = (): void => {
    changed = true;
    wake();
  };
  const watchers = directories.map((directory): FSWatcher => {
    // Where it is removed it is another directory that has to be watched.
    return watch(directory, tell).on("error", tell);
  });
  return {
    directories,
    wait: (limitMs) =>
      new Promise((resolve) => {
        const timer = limitMs === null ? null : setTimeout(() => wake(), limitMs);
        wake = (): void => {
          if (timer !== null) clearTimeout(timer);
          stop.removeEventListener("abort", wake);
          resolve(changed);
        };
        stop.addEventListener("abort", wake);
        if (changed || stop.aborted) wake();
      }),
    close() {
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** The deepest directory of each path that is there. */
function nearest(paths: readonly string[]): readonly string[] {
  const found = paths.map((path) => {
    let directory = dirname(path);
    while (!existsSync(directory) && directory !== dirname(directory))
      directory = dirname(directory);
    return directory;
  });
  return [...new Set(found)];
}
