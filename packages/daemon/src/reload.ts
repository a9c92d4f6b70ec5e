import { notify } from "./notify.js";
import type { NotifyState } from "./notify-state.js";
import { shutdownBegun } from "./shutdown.js";
import { causeOf, tellStderr } from "./tell.js";
import type { Tell } from "./tell.js";

export type ReloadHandler = () => void | Promise<unknown>;

export interface ReloadOptions {
  /** Takes what a failed reload says; descriptor 2 unless told. */
  readonly tell?: Tell;
}

/** What a reloader rests on. */
export interface ReloaderWorld {
  readonly notify: (state: NotifyState) => void;
  /** No reload begins any more. */
  readonly isOver: () => boolean;
}

export interface Reloader {
  /** Returns its undo. */
  add(handler: ReloadHandler, tell: Tell): () => void;
  /** Settles when this reload, or the one that it was merged into, is done. Never rejects. */
  reload(): Promise<void>;
  readonly size: number;
}

interface Entry {
  readonly handler: ReloadHandler;
  readonly tell: Tell;
}

/**
 * - idle: no reload is going on.
 * - running: the handlers run, one after the other.
 * - running again: a reload was asked for meanwhile. However often that was, one more follows, for it will see all that changed before it.
 */
type State =
  | { readonly kind: "idle" }
  | { readonly kind: "running" | "running again"; readonly done: Promise<void> };

export function createReloader({ notify: tellManager, isOver }: ReloaderWorld): Reloader {
  const entries = new Set<Entry>();
  let state: State = { kind: "idle" };

  async function run(): Promise<void> {
    // The caller sets the state first.
    await Promise.resolve();
    do {
      if (state.kind !== "idle") state = { kind: "running", done: state.done };
      tellManager({ reloading: true });
      for (const { handler, tell } of [...entries]) {
        try {
          await handler();
        } catch (error) {
          tell(`cannot reload: ${causeOf(error)}`);
        }
      }
      if (!isOver()) tellManager({ ready: true });
    } while (wasAskedAgain() && !isOver());
    state = { kind: "idle" };
  }

  const wasAskedAgain = (): boolean => state.kind === "running again";

  return {
    add(handler, tell) {
      const entry = { handler, tell };
      entries.add(entry);
      return () => void entries.delete(entry);
    },
    reload() {
      if (isOver() || entries.size === 0) return Promise.resolve();
      const done = state.kind === "idle" ? run() : state.done;
      state = { kind: state.kind === "idle" ? "running" : "running again", done };
      return done;
    },
    get size() {
      return entries.size;
    },
  };
}

const ours = createReloader({ notify: (state) => void notify(state), isOver: shutdownBegun });
const onHangUp = (): void => void ours.reload();

/**
 * Runs `handler` on every SIGHUP, which a daemon without a terminal takes for "read your configuration again". One reload at a time; signals that come meanwhile are answered by one more after it. A handler that throws or
 * rejects is told and the daemon goes on, so it had better change nothing before it knows that all of the new configuration is good. Several handlers run in the order in which they were added. The manager is told RELOADING=1 before and READY=1
 * after (see notify()). Once a shutdown has begun there are no reloads. Returns its undo; without handlers SIGHUP ends the process again.
 */
export function onReload(handler: ReloadHandler, options: ReloadOptions = {}): () => void {
  const remove = ours.add(handler, options.tell ?? tellStderr);
  if (ours.size === 1) process.on("SIGHUP", onHangUp);
  return () => {
    remove();
    if (ours.size === 0) process.off("SIGHUP", onHangUp);
  };
}
