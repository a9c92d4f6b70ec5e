/**
 * Those who are attached to services. Loaded when the first one comes: a part of its own in the start-up image, so nothing that has a state is imported from the rest.
 */
import { constants } from "node:fs";
import {
  describeEnd,
  NotAttachableError,
  type AttachEnd,
  type Attachment,
  type AttachQuery,
  type TerminalSize,
} from "@supervise/model";
import type { TappedRun } from "@supervise/log";
import type { LiveRun } from "../live-run.js";
import type { Core } from "../supervisor.js";
import { InputWriter } from "./input-writer.js";
import { OutputQueue } from "./output-queue.js";
import { SharedSize } from "./terminal-size.js";

/** -ENOENT. */
const NOT_THERE = -2;

export interface Attaching {
  /** Throws `NotAttachableError`. It ends with `signal`. */
  attach(query: AttachQuery, signal: AbortSignal): Attachment;
  /** False: nobody of that number is attached to the service. */
  resize(name: string, id: number, size: TerminalSize): boolean;
}

/** What those who are attached to one run share. */
interface Shared {
  readonly ids: Set<number>;
  /** Ours: a copy of the controller of its terminal, or the pipe that is its standard input. Null: neither is there. */
  readonly fd: number | null;
  readonly size: SharedSize | null;
  readonly input: InputWriter | null;
}

export function createAttaching({ room, engine }: Pick<Core, "room" | "engine">): Attaching {
  const { kernel } = room;
  const runs = new Map<LiveRun, Shared>();
  let lastId = 0;

  /** The pipe that a service without a terminal holds as its standard input. A negative errno: it cannot be had. */
  const openInput = (live: LiveRun): number => {
    const path = `${live.mainPid}/fd/0`;
    // It may have made another file its input, which is not ours to write to.
    if (room.proc.link(path)?.startsWith("pipe:") !== true) return NOT_THERE;
    return kernel.open(`/proc/${path}`, constants.O_WRONLY | constants.O_NONBLOCK, 0);
  };

  const sharedOf = (live: LiveRun, tapped: TappedRun): Shared => {
    const known = runs.get(live);
    if (known !== undefined) return known;
    const tty = live.tty === true;
    const { stdinOpen } = live.spec.process;
    // A copy, for the hub watches and closes its own.
    const opened = tty ? kernel.duplicate(tapped.fd) : stdinOpen ? openInput(live) : NOT_THERE;
    const fd = opened < 0 ? null : opened;
    const shared: Shared = {
      ids: new Set(),
      fd,
      size: tty && fd !== null ? new SharedSize(kernel, fd) : null,
      input: stdinOpen && fd !== null ? new InputWriter(kernel, room.watcher, fd) : null,
    };
    runs.set(live, shared);
    return shared;
  };

  const leave = (live: LiveRun, shared: Shared, id: number): void => {
    shared.ids.delete(id);
    shared.size?.leave(id);
    if (shared.ids.size > 0) return;
    runs.delete(live);
    shared.input?.close();
    if (shared.fd !== null) kernel.close(shared.fd);
  };

  const endOf = ({ name, run }: LiveRun): AttachEnd => {
    const last = engine.snapshot(name)?.last ?? null;
    if (last?.kind !== "exited" || last.run !== run) return { kind: "closed" };
    return { kind: "ended", run, status: last.status, text: describeEnd(last) };
  };

  return {
    attach: ({ name, size }, signal) => {
      const live = room.live.get(name);
      if (live === undefined)
        throw new NotAttachableError(name, "it is not running", `supervise start ${name}`);
      const id = ++lastId;
      const queue = new OutputQueue(() => {
        tapped?.undo();
        if (shared !== null) leave(live, shared, id);
        signal.removeEventListener("abort", onAbort);
      });
      const onAbort = (): void => queue.finish(null);
      const tapped = room.hub.tap(name, live.run, queue);
      if (tapped === null) throw new NotAttachableError(name, ...whyUnread(live));
      const shared: Shared | null = sharedOf(live, tapped);
      queue.onRoom(tapped.resume);
      queue.endOfRun = () => endOf(live);
      signal.addEventListener("abort", onAbort, { once: true });
      shared.ids.add(id);
      if (size !== null) shared.size?.attach(id, size);
      return {
        id,
        run: live.run,
        tty: live.tty === true,
        stdin: shared.input !== null,
        output: queue.read(),
        send: (bytes) => shared.input?.write(bytes, signal) ?? Promise.resolve(),
        get end() {
          return queue.end;
        },
      };
    },
    resize: (name, id, size) => {
      for (const [live, { ids, size: shared }] of runs) {
        if (live.name !== name || !ids.has(id)) continue;
        shared?.resize(id, size);
        return true;
      }
      return false;
    },
  };
}

/** Nothing of its output is read. */
function whyUnread({ name, spec, tty }: LiveRun): readonly [string, string | null] {
  if (spec.logging.driver === "direct")
    return ["it writes its output to its log file itself", `supervise logs -f ${name}`];
  if (spec.process.tty && tty !== true)
    return ["its terminal went with the supervisor before", `supervise restart ${name}`];
  return ["it has closed its output", null];
}
