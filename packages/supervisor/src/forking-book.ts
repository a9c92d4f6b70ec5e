import type { ExitStatus } from "@supervise/model";
import type { PidfileVerdict, ProcessIdentity } from "@supervise/process";
import type { LiveRun } from "./live-run.js";
import type { PathChange } from "./path-watch.js";
import type { PidfileWatch } from "./pidfile-watch.js";
import { describeChange } from "./pidfile-words.js";
import type { Room } from "./room.js";

/** How far it is from the command to the daemon. */
export type Stage =
  /** The command has ended well; the pidfile is waited for. */
  | { readonly kind: "seeking" }
  /** Found by the tree alone, and perhaps only a step on the way. `atMs` is monotonic. */
  | { readonly kind: "guessed"; readonly atMs: number }
  /** Proved by its pidfile. Null: it ended before it could be looked at. */
  | { readonly kind: "found"; readonly identity: ProcessIdentity | null }
  /** The daemon has ended while its pidfile was being written: another may take its place. */
  | { readonly kind: "succession"; readonly status: ExitStatus }
  /** Whoever ends now ends the run. */
  | { readonly kind: "over" };

export interface Followed {
  stage: Stage;
  watch: PidfileWatch | null;
  /** The last word on the pidfile, so that none is said twice. */
  told: string;
  /** What is wrong with it while the daemon runs. */
  note: string | null;
}

/** Where each run of a forking service is. A run is in it from the end of its command, or the beginning of its stop, until its tree is gone. */
export interface ForkingBook {
  get(run: LiveRun): Followed | undefined;
  enter(run: LiveRun, stage: Stage): Followed;
  /** One sentence into the event log, unless it was the last one already. `pid`: whom it is about. */
  tell(run: LiveRun, message: string, pid: number | null): void;
  /** A verdict on the file of a daemon that runs. It is noted; the main process is another one only when this one has ended. */
  changed(run: LiveRun, verdict: PidfileVerdict, change: PathChange | null): void;
}

export function createForkingBook(room: Room): ForkingBook {
  const all = new Map<LiveRun, Followed>();
  const tell: ForkingBook["tell"] = (run, message, pid) => {
    const followed = all.get(run);
    if (followed === undefined || followed.told === message) return;
    followed.told = message;
    room.events.add({ service: run.name, kind: "pidfile", message, run: run.run, pid });
  };
  return {
    get: (run) => all.get(run),
    enter: (run, stage) => {
      const known = all.get(run);
      if (known !== undefined) {
        known.stage = stage;
        return known;
      }
      const followed: Followed = { stage, watch: null, told: "", note: null };
      all.set(run, followed);
      run.undo.push(() => {
        all.delete(run);
        followed.watch?.stop();
      });
      return followed;
    },
    tell,
    changed: (run, verdict, change) => {
      const followed = all.get(run);
      if (followed === undefined) return;
      const isMain = verdict.kind === "valid" && verdict.pid === run.mainPid;
      // As it was proved, and nothing was said against it since.
      if (isMain && followed.note === null) return;
      const message = describeChange(verdict, run.spec.pidfile ?? "", run.mainPid, change);
      followed.note = isMain ? null : message;
      tell(run, message, "pid" in verdict ? verdict.pid : null);
      if (verdict.kind === "foreign" || verdict.kind === "malformed" || verdict.kind === "reused")
        room.hub.say(`${run.name}: ${message}`, "warning");
    },
  };
}
