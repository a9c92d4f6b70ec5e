import { isAbsolute, relative, sep } from "node:path";
import { watch, type FSWatcher } from "chokidar";
import ignore from "ignore";
import type { Configuration } from "@supervise/model";
import { ChangeGathering, watchedPaths, type FileChange, type WatchedPath } from "./changes.js";

export interface FileWatchPort {
  /** Called with all that changed together. Paths are as the configuration's directory shows them, or absolute. */
  changed(changes: readonly FileChange[]): void;
  /** Something cannot be watched. */
  warn(message: string): void;
  /** Paths below are told relative to it. */
  readonly directory: string;
}

export interface FileWatch {
  /** Watches what this configuration says, and nothing else. Settles once every change will be seen. */
  update(configuration: Configuration): Promise<void>;
  close(): Promise<void>;
}

/** Of no use to a service that is written, and large. */
const NEVER = ["node_modules", ".git"];

/** Watches files by inotify(7), through chokidar. Nothing is polled. */
export async function openFileWatch(port: FileWatchPort): Promise<FileWatch> {
  const watchers = new Map<string, FSWatcher>();
  const gathering = new ChangeGathering(
    (changes) => port.changed(changes),
    (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  );

  const open = (one: WatchedPath): FSWatcher => {
    const rules = ignore()
      .add(NEVER)
      .add([...one.ignore]);
    const ignored = (path: string, stats?: { isDirectory(): boolean }): boolean => {
      const below = relative(one.path, path);
      if (below === "" || below.startsWith("..") || isAbsolute(below)) return false;
      return rules.ignores(stats?.isDirectory() === true ? `${below}${sep}` : below);
    };
    const watcher = watch(one.path, { ignored, ignoreInitial: true });
    watcher.on("all", (_event, path) => {
      for (const service of one.services)
        gathering.add({ service, action: one.action, path: told(port.directory, path) });
    });
    watcher.on("error", (error) =>
      port.warn(
        `Cannot watch "${one.path}": ${error instanceof Error ? error.message : String(error)}`,
      ),
    );
    return watcher;
  };

  return {
    async update(configuration) {
      const wanted = new Map(watchedPaths(configuration).map((one) => [JSON.stringify(one), one]));
      const gone = [...watchers].filter(([key]) => !wanted.has(key));
      for (const [key] of gone) watchers.delete(key);
      const fresh = [...wanted].filter(([key]) => !watchers.has(key));
      const opened = fresh.map(([key, one]) => {
        const watcher = open(one);
        watchers.set(key, watcher);
        return new Promise<void>((resolve) => {
          watcher.once("ready", resolve);
        });
      });
      await Promise.all([...opened, ...gone.map(([, watcher]) => watcher.close())]);
    },
    async close() {
      gathering.close();
      await Promise.all(Array.from(watchers.values(), (watcher) => watcher.close()));
      watchers.clear();
    },
  };
}

function told(directory: string, path: string): string {
  const below = relative(directory, path);
  return below === "" || below.startsWith("..") ? path : below;
}
