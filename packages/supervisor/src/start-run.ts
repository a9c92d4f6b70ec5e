import { fstatSync } from "node:fs";
import type { ServiceSpec } from "@supervise/model";
import { describeSpawnFailure, finishPlan } from "@supervise/process";
import { errnoName } from "@supervise/sys";
import type { LiveRun } from "./live-run.js";
import { closeOutput, openOutput } from "./output-pipe.js";
import type { Room } from "./room.js";

/** What a new run's descriptors beyond 0-2 and its environment get from its readiness check. */
export interface RunExtras {
  readonly environment: readonly string[];
  /** The child's descriptor number and ours; ours is closed after the spawn. */
  readonly descriptor: { readonly child: number; readonly ours: number } | null;
  /** Undo where the spawn fails. */
  readonly undo: () => void;
}

export interface StartPort {
  readonly nullFd: number;
  readonly newId: () => string;
  /** Asked before each spawn, with the run's identifier. */
  readonly extras: (spec: ServiceSpec, run: number) => RunExtras;
  /** Told after a spawn that succeeded, before the engine is. */
  readonly started: (live: LiveRun) => void;
}

/** Spawns a run and answers the engine with `spawned` or `spawnFailed`. Nothing is left behind by a failure. */
export function startRun(room: Room, port: StartPort, spec: ServiceSpec, run: number): void {
  const fail = (stage: string, errno: string, transient: boolean): void =>
    room.post({ type: "spawnFailed", name: spec.name, run, failure: { stage, errno, transient } });

  const plan = room.plans.of(spec);
  if (plan.kind === "failure") return fail(plan.failure.stage, plan.failure.errno, plan.failure.transient);

  const stdout = openOutput(room.kernel);
  if (typeof stdout === "number") return fail("making the output pipe", errnoName(stdout), true);
  const stderr = openOutput(room.kernel);
  if (typeof stderr === "number") {
    closeOutput(room.kernel, stdout);
    return fail("making the output pipe", errnoName(stderr), true);
  }
  const extras = port.extras(spec, run);
  const invocationId = port.newId();
  const descriptors = [port.nullFd, stdout.child, stderr.child];
  if (extras.descriptor !== null) {
    while (descriptors.length <= extras.descriptor.child) descriptors.push(-1);
    descriptors[extras.descriptor.child] = extras.descriptor.ours;
  }
  const request = finishPlan(plan, { descriptors, environment: [`INVOCATION_ID=${invocationId}`, ...extras.environment] });
  const result = room.kernel.spawn(request);
  room.kernel.close(stdout.child);
  room.kernel.close(stderr.child);
  if (extras.descriptor !== null) room.kernel.close(extras.descriptor.ours);
  if ("stage" in result) {
    room.kernel.close(stdout.read);
    room.kernel.close(stderr.read);
    extras.undo();
    const failure = describeSpawnFailure(result, plan);
    return fail(failure.stage, failure.errno, failure.transient);
  }
  room.hub.openRun(spec.name, run, { stdout: stdout.read, stderr: stderr.read });
  const live: LiveRun = {
    name: spec.name,
    run,
    spec,
    invocationId,
    session: result.pid,
    mainPid: result.pid,
    mainEnded: false,
    startedAtMs: room.realtimeMs(),
    child: true,
    pipes: [fstatSync(stdout.read).ino, fstatSync(stderr.read).ino],
    orphans: new Set(),
    lastOrphanStatus: null,
    statusText: null,
    undo: [],
  };
  room.live.add(live);
  port.started(live);
  room.post({ type: "spawned", name: spec.name, run, pid: result.pid });
}
