import { existsSync, statSync, watch as watchDirectory, type FSWatcher as Waiting } from "node:fs";
import { dirname } from "node:path";
import { watch, type FSWatcher } from "chokidar";

export interface TreePort {
  /** A file, or a directory with all below it. */
  readonly path: string;
  /** Is this path below the directory none that counts? */
  ignored(path: string, isDirectory: boolean): boolean;
  /** This path has come, changed or gone. */
  changed(path: string): void;
  problem(error: unknown): void;
  /** Runs something later and returns the undo. */
  after(delayMs: number, run: () => void): () => void;
}

/** What belongs together in the life of a directory, such as its end and its beginning, comes within so many milliseconds. */
const LOOK_AFTER_MS = 100;

/**
 * Watches one path by inotify(7), through chokidar. inotify watches what a name stood for, not the name: where another directory has taken a
 * name, as `rm -rf dist && mkdir dist` does, chokidar is deaf from then on, and it waits for no path whose directory is not there either. Both are
 * seen here, and the path is watched anew.
 */
export class WatchedTree {
  readonly #port: TreePort;
  #watcher: FSWatcher | null = null;
  /** Of the directory that is there, where the path is not. */
  #waiting: Waiting | null = null;
  #waitingAt = "";
  /** Of each directory that is watched, which one it is. */
  readonly #directories = new Map<string, string>();
  #cancelLook: (() => void) | null = null;
  /** It is being watched anew. */
  #reopening: Promise<void> | null = null;
  #closed = false;

  constructor(port: TreePort) {
    this.#port = port;
  }

  /** Settles once every change will be seen. */
  open(): Promise<void> {
    return this.#watch(true);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelLook?.();
    await this.#reopening;
    this.#waiting?.close();
    await this.#watcher?.close();
  }

  /** `known`: what is there is no change. */
  #watch(known: boolean): Promise<void> {
    const { path } = this.#port;
    this.#directories.clear();
    if (!existsSync(path)) return this.#wait();
    const watcher = watch(path, {
      ignored: (one, stats) => this.#port.ignored(one, stats?.isDirectory() === true),
      ignoreInitial: known,
    });
    this.#watcher = watcher;
    watcher.on("all", (event, one) => {
      if (event === "addDir") this.#note(one);
      this.#port.changed(one);
    });
    watcher.on("raw", () => this.#lookSoon());
    watcher.on("error", (error) => this.#port.problem(error));
    return new Promise((resolve) => {
      watcher.once("ready", () => {
        for (const directory of Object.keys(watcher.getWatched()))
          if (directory === path || directory.startsWith(`${path}/`)) this.#note(directory);
        resolve();
      });
    });
  }

  /** Watches the nearest directory above that is there. */
  #wait(): Promise<void> {
    this.#waitingAt = nearestAbove(this.#port.path);
    try {
      this.#waiting = watchDirectory(this.#waitingAt, () => this.#lookSoon());
      this.#waiting.on("error", (error) => this.#port.problem(error));
    } catch (error) {
      this.#port.problem(error);
      return Promise.resolve();
    }
    // What has come between the look and the watch.
    this.#lookSoon();
    return Promise.resolve();
  }

  #note(directory: string): void {
    const identity = identityOf(directory);
    if (identity !== null) this.#directories.set(directory, identity);
  }

  #lookSoon(): void {
    if (this.#closed) return;
    this.#cancelLook ??= this.#port.after(LOOK_AFTER_MS, () => {
      this.#cancelLook = null;
      this.#look();
    });
  }

  #look(): void {
    if (this.#reopening !== null) return;
    if (this.#waiting !== null) {
      if (existsSync(this.#port.path) || nearestAbove(this.#port.path) !== this.#waitingAt)
        this.#anew();
      return;
    }
    for (const [directory, identity] of this.#directories) {
      const now = identityOf(directory);
      if (now === identity) continue;
      if (now === null && directory !== this.#port.path) {
        this.#directories.delete(directory);
        continue;
      }
      this.#port.changed(directory);
      this.#anew();
      return;
    }
    if (existsSync(this.#port.path)) return;
    this.#port.changed(this.#port.path);
    this.#anew();
  }

  #anew(): void {
    this.#waiting?.close();
    this.#waiting = null;
    this.#reopening = this.#reopen();
  }

  async #reopen(): Promise<void> {
    try {
      await this.#watcher?.close();
      this.#watcher = null;
      if (!this.#closed) await this.#watch(false);
    } catch (error) {
      this.#port.problem(error);
    }
    this.#reopening = null;
    // What happened meanwhile.
    this.#lookSoon();
  }
}

/** The nearest directory above the path that is there. */
function nearestAbove(path: string): string {
  const above = dirname(path);
  return existsSync(above) || above === path ? above : nearestAbove(above);
}

/** Which directory it is: a new one gets the inode number of the old one, but not its birth. Null: there is none. */
function identityOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats?.isDirectory() === true ? `${stats.dev} ${stats.ino} ${stats.birthtimeNs}` : null;
}
