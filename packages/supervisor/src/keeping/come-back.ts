import { signalName } from "@supervise/sys";
import { PREVIOUS_ENDS, type Hello } from "@supervise/process";
import type { LiveRun } from "../live-run.js";
import type { Reaper } from "../reaper.js";
import { restore, type RestorationPort } from "./restoration.js";

export interface CameBack {
  /** Services that go on as they were, running or not; others nobody had asked for yet. */
  readonly except: readonly string[];
  /** Of services whose processes were taken over: the number of the run, and how that came about, as a sentence for `why`. */
  readonly adopted: ReadonlyMap<string, { readonly run: number; readonly sentence: string }>;
}

export interface ComeBackPort extends Pick<
  RestorationPort,
  "room" | "engine" | "keeper" | "known" | "resumed"
> {
  readonly reaper: Reaper;
}

/** Goes on where the supervisor before ended, and tells so. Null: there is nothing to go by. */
export function comeBack(port: ComeBackPort): CameBack | null {
  const { room, keeper, reaper } = port;
  const { hello } = keeper;
  const resumed = new Map<string, LiveRun>();
  const previous = describePrevious(hello);
  const restored = restore({
    ...port,
    resumed: (run, machine, kept) => {
      resumed.set(run.name, run);
      port.resumed(run, machine, kept);
    },
    watch: reaper.watch,
    drainOn: reaper.drainOn,
  });
  if (restored === null) return null;
  const message = `The supervisor came back, generation ${hello.generation}: the one before ${previous}; ${resumed.size} services go on`;
  room.events.add({ service: null, kind: "supervisor", message });
  room.hub.say(message, "warning");
  for (const run of resumed.values())
    room.events.add({
      service: run.name,
      kind: "adopted",
      message: `${run.name} was adopted after the supervisor ${previous}, pid ${run.mainPid}`,
      pid: run.mainPid === 0 ? null : run.mainPid,
      run: run.run,
    });
  if (hello.exitsLost > 0) tellLost(port, restored.awaited());
  const at = new Date(room.realtimeMs()).toISOString();
  const adopted = Array.from(resumed.values(), ({ name, run, mainPid }) => {
    const sentence = `run ${run} (pid ${mainPid}) was adopted at ${at}, after the supervisor ${previous}`;
    return [name, { run, sentence }] as const;
  });
  return { except: restored.names, adopted: new Map(adopted) };
}

/** The keeper had no room for all ends: those of which nothing is known will not be told. */
function tellLost({ room, keeper, reaper }: ComeBackPort, awaited: readonly LiveRun[]): void {
  for (const run of awaited) {
    if (keeper.knowsEndOf(run.mainPid)) continue;
    room.warn(
      run.name,
      `How service "${run.name}" ended is not known: the keeper had no room for ${keeper.hello.exitsLost} ends of processes`,
    );
    reaper.endedElsewhere(run, { kind: "unknown" });
  }
}

function describePrevious(hello: Hello): string {
  const at = ` at ${new Date(hello.previousEndedAtMs).toISOString()}`;
  switch (PREVIOUS_ENDS[hello.previousEnd] ?? "none") {
    case "none":
      return "was never there";
    case "exited":
      return `exited with code ${hello.previousStatus}${at}`;
    case "killed":
      return `was killed by ${signalName(hello.previousStatus)}${at}`;
    case "hung":
      return `hung and was killed${at}`;
    case "upgrade":
      return `ended for an upgrade${at}`;
  }
}
