import { isAbsolute, relative, sep } from "node:path";
import ignore from "ignore";
import { sinksOf, type Configuration } from "@supervise/model";
import { ChangeGathering, watchedPaths, type FileChange, type WatchedPath } from "./changes.js";
import { afterQuiet } from "./quiet-timer.js";
import { WatchedTree } from "./watched-tree.js";

export interface FileWatchPort {
  /** Called with all that changed together. Paths are as the configuration's directory shows them, or absolute. */
  changed(changes: readonly FileChange[]): void;
  /** Something cannot be watched. */
  warn(message: string): void;
  /** Paths below are told relative to it. */
  readonly directory: string;
  /** What is written there is the supervisor's own. Null: it has none. */
  readonly runtimeDirectory: string | null;
}

export interface FileWatch {
  /** Watches what this configuration says, and nothing else. Settles once every change will be seen. */
  update(configuration: Configuration): Promise<void>;
  close(): Promise<void>;
}

/** Of no use to a service that is written, and large. */
const NEVER = ["node_modules", ".git"];

/** Beside a file that is edited: swap files and backups of vim, nano and emacs, and the number with which vim tries a directory. */
const OF_EDITORS = [".*.sw?", "*~", ".#*", "#*#", "4913"];

/** Watches files by inotify(7). Nothing is polled. */
export async function openFileWatch(port: FileWatchPort): Promise<FileWatch> {
  const trees = new Map<string, WatchedTree>();
  const gathering = new ChangeGathering((changes) => port.changed(changes), afterQuiet);
  /** Files that a start or a line writes: a service that is restarted by them would never rest. */
  let written: ReadonlySet<string> = new Set();

  const isOwn = (path: string): boolean =>
    written.has(path) ||
    // Behind the name of a log file stand a dot and the time of its rotation.
    written.has(path.replace(/\.\d{8}T\d{6}\.\d{6}Z.*$/u, "")) ||
    (port.runtimeDirectory !== null &&
      (path === port.runtimeDirectory || path.startsWith(`${port.runtimeDirectory}${sep}`)));

  const open = (one: WatchedPath): WatchedTree => {
    const rules = ignore()
      .add(NEVER)
      .add(OF_EDITORS)
      .add([...one.ignore]);
    return new WatchedTree({
      path: one.path,
      after: afterQuiet,
      ignored(path, isDirectory) {
        if (isOwn(path)) return true;
        const below = relative(one.path, path);
        if (below === "" || below.startsWith("..") || isAbsolute(below)) return false;
        return rules.ignores(isDirectory ? `${below}${sep}` : below);
      },
      changed(path) {
        for (const service of one.services)
          gathering.add({ service, action: one.action, path: told(port.directory, path) });
      },
      problem: (error) =>
        port.warn(
          `Cannot watch "${one.path}": ${error instanceof Error ? error.message : String(error)}`,
        ),
    });
  };

  return {
    async update(configuration) {
      written = writtenBy(configuration);
      const wanted = new Map(watchedPaths(configuration).map((one) => [JSON.stringify(one), one]));
      const gone = [...trees].filter(([key]) => !wanted.has(key));
      for (const [key] of gone) trees.delete(key);
      const fresh = [...wanted].filter(([key]) => !trees.has(key));
      const opened = fresh.map(([key, one]) => {
        const tree = open(one);
        trees.set(key, tree);
        return tree.open();
      });
      await Promise.all([...opened, ...gone.map(([, tree]) => tree.close())]);
    },
    async close() {
      gathering.close();
      await Promise.all(Array.from(trees.values(), (tree) => tree.close()));
      trees.clear();
    },
  };
}

/** Log files of all services, and the pidfiles that a start writes. */
function writtenBy({ services }: Configuration): ReadonlySet<string> {
  const paths = services.flatMap(({ logging, pidfile }) => [
    ...sinksOf(logging).map((sink) => ("path" in sink ? sink.path : null)),
    pidfile,
  ]);
  return new Set(paths.filter((path) => path !== null));
}

function told(directory: string, path: string): string {
  const below = relative(directory, path);
  return below === "" || below.startsWith("..") ? path : below;
}
