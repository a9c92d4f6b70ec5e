import type { Configuration, WatchSpec } from "@supervise/model";

/** What the change of a file is for. */
export interface FileChange {
  readonly service: string;
  readonly action: WatchSpec["action"];
  /** The first that changed. */
  readonly path: string;
}

/** One watch of the configuration, for all services that have it. */
export interface WatchedPath extends WatchSpec {
  readonly services: readonly string[];
}

/** Those of all services, equal ones together: replicas have the same. */
export function watchedPaths({ services }: Configuration): readonly WatchedPath[] {
  const found = new Map<string, { readonly watch: WatchSpec; readonly names: string[] }>();
  for (const { name, watch } of services)
    for (const one of watch) {
      const key = JSON.stringify([one.path, one.action, one.ignore]);
      const entry = found.get(key) ?? { watch: one, names: [] };
      entry.names.push(name);
      found.set(key, entry);
    }
  return Array.from(found.values(), ({ watch, names }) => ({ ...watch, services: names }));
}

/** So long nothing more may change before it counts, in milliseconds: editors and compilers write many files at once. */
const QUIET_MS = 100;

/** Gathers changes that come together, so that each service hears of them once. A restart goes before a reload. */
export class ChangeGathering {
  readonly #pending = new Map<string, FileChange>();
  readonly #tell: (changes: readonly FileChange[]) => void;
  readonly #after: (delayMs: number, run: () => void) => () => void;
  #cancel: (() => void) | null = null;

  /** `after` runs something later and returns the undo. */
  constructor(
    tell: (changes: readonly FileChange[]) => void,
    after: (delayMs: number, run: () => void) => () => void,
  ) {
    this.#tell = tell;
    this.#after = after;
  }

  add(change: FileChange): void {
    const known = this.#pending.get(change.service);
    if (known === undefined || (known.action === "reload" && change.action === "restart"))
      this.#pending.set(change.service, { ...change, path: known?.path ?? change.path });
    this.#cancel?.();
    this.#cancel = this.#after(QUIET_MS, () => this.#flush());
  }

  close(): void {
    this.#cancel?.();
    this.#pending.clear();
  }

  #flush(): void {
    this.#cancel = null;
    const changes = [...this.#pending.values()];
    this.#pending.clear();
    this.#tell(changes);
  }
}
