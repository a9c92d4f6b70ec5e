import type { ReadyCheck, ServiceSpec } from "@supervise/model";
import { errnoName } from "@supervise/sys";
import type { LiveRun } from "../live-run.js";
import type { Room } from "../room.js";
import { NO_EXTRAS, type KeptReadiness, type RunExtras } from "../start-run.js";
import type { Trees } from "../trees.js";
import { namesHolder, probeOf } from "./checks.js";
import type { NotifyMessage } from "./notify-message.js";
import { openNotifySocket, type NotifySocket } from "./notify-socket.js";
import { startProbeSeries } from "./probe.js";

/** What readiness needs from before the spawn, kept until it begins to watch. */
interface Prepared {
  readonly socket: NotifySocket | null;
  /** Read end of the notification descriptor. */
  readonly fd: number | null;
}

export interface Readiness {
  /** Before the spawn: what the run's environment and descriptors need. */
  prepare(spec: ServiceSpec, run: number): RunExtras;
  /** After the spawn, before the engine knows. */
  begin(live: LiveRun): void;
  /** A run that was taken over: what was kept is watched on; else its notify socket is bound anew under the name that it knows. */
  resume(live: LiveRun, kept?: KeptReadiness): void;
  /** The engine asks for the check of a run. */
  watch(live: LiveRun): void;
  end(live: LiveRun): void;
  /** What the last run still lacked, where its check has said so; kept when the run ends without having been ready. */
  detail(name: string): string | null;
  /** Something besides the check that a run still lacks. */
  lacks(live: LiveRun, detail: string): void;
}

export interface NotifyPort {
  readonly received: (live: LiveRun, message: NotifyMessage) => void;
}

export function createReadiness(room: Room, trees: Trees, port: NotifyPort): Readiness {
  const prepared = new Map<string, Prepared>();
  const ends = new Map<LiveRun, () => void>();
  /** Services whose notify socket could not be made. */
  const deaf = new Set<string>();
  const details = new Map<string, string>();
  /** Taken over, and not watched yet. */
  const resumed = new WeakSet<LiveRun>();

  const isReady = (live: LiveRun): void => {
    details.delete(live.name);
    room.post({ type: "becameReady", name: live.name, run: live.run });
  };
  const cannotBecomeReady = (live: LiveRun, detail: string): void =>
    room.post({ type: "readinessFailed", name: live.name, run: live.run, detail });

  const watchDescriptor = (live: LiveRun, fd: number): (() => void) => {
    const buffer = new Uint8Array(256);
    const stop = (): void => {
      unwatch();
      room.kernel.close(fd);
    };
    const unwatch = room.watcher.readable(fd, () => {
      const count = room.kernel.read(fd, buffer, 0, buffer.length);
      if (count > 0 && buffer.subarray(0, count).includes(0x0a)) {
        // It may close the descriptor now; that says nothing more.
        unwatch();
        isReady(live);
      } else if (count === 0) {
        unwatch();
        cannotBecomeReady(live, "it closed its notification descriptor without a newline");
      }
    });
    return stop;
  };

  const watch = (live: LiveRun): void => {
    const check = live.spec.ready?.check;
    if (check === undefined || ends.has(live)) return;
    live.undo.push(() => end(live));
    const awaited = awaitedBy(check);
    if (awaited !== null) details.set(live.name, awaited);
    switch (check.kind) {
      case "notify":
        if (deaf.has(live.name)) cannotBecomeReady(live, "there is no place for its notify socket");
        return;
      case "fd":
        // Watched from the spawn on: the message may come before the engine asks.
        return;
      case "log": {
        const pattern = new RegExp(check.pattern, "u");
        ends.set(
          live,
          room.hub.watchLines(live.name, live.run, pattern, () => isReady(live)),
        );
        // What the supervisor before was handing on at its death was handed on again before anybody could wait for it.
        if (resumed.delete(live) && hasLine(room, live, pattern)) isReady(live);
        return;
      }
      default:
        ends.set(
          live,
          startProbeSeries({
            probe: probeOf(room, trees, live, live.spec, check),
            intervalMs: check.intervalMs,
            onReady: () => isReady(live),
            onDetail: (detail) => {
              details.set(live.name, detail);
              if (namesHolder(detail))
                room.warn(live.name, `Service "${live.name}" is not ready: ${detail}`);
            },
          }),
        );
    }
  };

  const end = (live: LiveRun): void => {
    ends.get(live)?.();
    ends.delete(live);
  };

  return {
    watch,
    end,
    detail: (name) => details.get(name) ?? null,
    lacks: (live, detail) => void details.set(live.name, detail),
    prepare: (spec, run) => {
      details.delete(spec.name);
      const check = spec.ready?.check;
      const notify = check?.kind === "notify" || spec.watchdogMs !== null;
      if (!notify && check?.kind !== "fd") return NO_EXTRAS;
      const socket = notify ? openNotifySocket(room, trees, spec.name, run) : null;
      if (notify && socket === null) deaf.add(spec.name);
      else deaf.delete(spec.name);
      const environment = [...(socket?.environment ?? [])];
      if (spec.watchdogMs !== null)
        environment.push(`WATCHDOG_USEC=${Math.round(spec.watchdogMs * 1_000)}`);
      // Held by the service for reading too, so that its word is no error while no supervisor lives.
      const pipe = check?.kind === "fd" ? room.kernel.outputPipe() : null;
      if (typeof pipe === "number")
        room.warn(
          spec.name,
          `Cannot make the notification descriptor of service "${spec.name}": ${errnoName(pipe)}`,
        );
      const pipeEnds = pipe === null || typeof pipe === "number" ? null : pipe;
      prepared.set(spec.name, { socket, fd: pipeEnds?.read ?? null });
      return {
        environment,
        descriptor:
          pipeEnds === null || check?.kind !== "fd"
            ? null
            : { child: check.fd, ours: pipeEnds.child, inode: pipeEnds.inode },
        kept: { notify: socket?.fd ?? null, ready: pipeEnds?.read ?? null },
        undo: () => {
          prepared.delete(spec.name);
          socket?.discard();
          if (pipeEnds !== null) room.kernel.close(pipeEnds.read);
        },
      };
    },
    resume: (live, { notify = null, ready = null } = {}) => {
      resumed.add(live);
      if (ready !== null) live.undo.push(watchDescriptor(live, ready));
      if (live.spec.ready?.check.kind !== "notify" && live.spec.watchdogMs === null) return;
      const socket = openNotifySocket(room, trees, live.name, live.run, notify);
      if (socket !== null)
        live.undo.push(socket.listen(live, (message) => port.received(live, message)));
    },
    begin: (live) => {
      const ready = prepared.get(live.name);
      prepared.delete(live.name);
      if (ready?.socket)
        live.undo.push(ready.socket.listen(live, (message) => port.received(live, message)));
      if (ready?.fd !== null && ready?.fd !== undefined)
        live.undo.push(watchDescriptor(live, ready.fd));
    },
  };
}

/** Is there such a line of this run among those that we have in memory? */
function hasLine({ hub }: Room, { name, run }: LiveRun, pattern: RegExp): boolean {
  return hub.tail([name], null).some((line) => line.run === run && pattern.test(line.text));
}

/** What a check waits for that is told and not asked for. */
function awaitedBy(check: ReadyCheck): string | null {
  switch (check.kind) {
    case "notify":
      return "READY=1 has not come on its notify socket";
    case "fd":
      return `no newline has come on its descriptor ${check.fd}`;
    case "log":
      return `no line of its output has matched "${check.pattern}"`;
    default:
      return null;
  }
}
