import { fstatSync } from "node:fs";
import type { ServiceSpec } from "@supervise/model";
import { describeSpawnFailure, finishPlan, type SpawnPlan } from "@supervise/process";
import { errnoName, type SpawnBatch, type SpawnRequest, type SpawnResult } from "@supervise/sys";
import type { LiveRun } from "./live-run.js";
import { closeOutput, openOutput, type OutputPipe } from "./output-pipe.js";
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
  /** Asked before each spawn, with the run's number. */
  readonly extras: (spec: ServiceSpec, run: number) => RunExtras;
  /** Told right before the spawn, with the identifier that the process will carry: should we die now, the next supervisor can find it. */
  readonly starting: (spec: ServiceSpec, run: number, invocationId: string) => void;
  /** Told after a spawn that succeeded, before the engine is. */
  readonly started: (live: LiveRun) => void;
  /** Told when all runs that were wanted together have been spawned, or have failed: for what can wait so long, but no longer than that. */
  readonly allStarted: () => void;
}

export interface WantedRun {
  readonly spec: ServiceSpec;
  readonly run: number;
}

interface PreparedRun extends WantedRun {
  readonly plan: SpawnPlan;
  readonly request: SpawnRequest;
  readonly stdout: OutputPipe;
  readonly stderr: OutputPipe;
  readonly extras: RunExtras;
  readonly invocationId: string;
}

/** The first batch is small, so that the first of many services does not wait for the last one's pipes; then they double up to this. */
const FIRST_BATCH = 4;
const LARGEST_BATCH = 32;

/**
 * Spawns runs and answers the engine with `spawned` or `spawnFailed` for each. Nothing is left behind by a failure. Of many, one batch is spawned by
 * another thread while the one before is entered into our books and the next is prepared.
 */
export function startRuns(room: Room, port: StartPort, wanted: readonly WantedRun[]): void {
  const [only] = wanted;
  if (only !== undefined && wanted.length === 1) {
    const prepared = prepare(room, port, only);
    if (prepared === null) return;
    port.starting(prepared.spec, prepared.run, prepared.invocationId);
    complete(room, port, prepared, room.kernel.spawn(prepared.request));
    port.allStarted();
    return;
  }
  let underWay: { readonly runs: readonly PreparedRun[]; readonly batch: SpawnBatch } | null = null;
  let size = FIRST_BATCH;
  for (let start = 0; start < wanted.length;) {
    const runs = wanted.slice(start, start + size).flatMap((one) => prepare(room, port, one) ?? []);
    for (const { spec, run, invocationId } of runs) port.starting(spec, run, invocationId);
    const results = underWay?.batch.finish() ?? [];
    const batch = room.kernel.beginSpawns(runs.map(({ request }) => request));
    if (underWay !== null) completeAll(room, port, underWay.runs, results);
    underWay = { runs, batch };
    start += size;
    size = Math.min(size * 2, LARGEST_BATCH);
  }
  if (underWay !== null) completeAll(room, port, underWay.runs, underWay.batch.finish());
  port.allStarted();
}

function completeAll(
  room: Room,
  port: StartPort,
  runs: readonly PreparedRun[],
  results: readonly SpawnResult[],
): void {
  for (const [index, run] of runs.entries()) {
    const result = results[index];
    if (result !== undefined) complete(room, port, run, result);
  }
}

function fail(
  room: Room,
  { spec, run }: WantedRun,
  stage: string,
  errno: string,
  transient: boolean,
): null {
  const event = {
    type: "spawnFailed",
    name: spec.name,
    run,
    failure: { stage, errno, transient },
  } as const;
  // In a later turn: a policy that tries again without a delay would otherwise never let go of the loop, and nobody could stop it.
  setImmediate(() => room.post(event));
  return null;
}

/** Null: it failed, which has been told. */
function prepare(room: Room, port: StartPort, wanted: WantedRun): PreparedRun | null {
  const { spec, run } = wanted;
  const plan = room.plans.of(spec);
  if (plan.kind === "failure")
    return fail(room, wanted, plan.failure.stage, plan.failure.errno, plan.failure.transient);
  const stdout = openOutput(room.kernel);
  if (typeof stdout === "number")
    return fail(room, wanted, "making the output pipe", errnoName(stdout), true);
  const stderr = openOutput(room.kernel);
  if (typeof stderr === "number") {
    closeOutput(room.kernel, stdout);
    return fail(room, wanted, "making the output pipe", errnoName(stderr), true);
  }
  const extras = port.extras(spec, run);
  const invocationId = port.newId();
  const descriptors = [port.nullFd, stdout.child, stderr.child];
  if (extras.descriptor !== null) {
    while (descriptors.length <= extras.descriptor.child) descriptors.push(-1);
    descriptors[extras.descriptor.child] = extras.descriptor.ours;
  }
  const request = finishPlan(plan, {
    descriptors,
    environment: [`INVOCATION_ID=${invocationId}`, ...extras.environment],
  });
  return { spec, run, plan, request, stdout, stderr, extras, invocationId };
}

function complete(room: Room, port: StartPort, prepared: PreparedRun, result: SpawnResult): void {
  const { spec, run, plan, stdout, stderr, extras, invocationId } = prepared;
  room.kernel.close(stdout.child);
  room.kernel.close(stderr.child);
  if (extras.descriptor !== null) room.kernel.close(extras.descriptor.ours);
  if ("stage" in result) {
    room.kernel.close(stdout.read);
    room.kernel.close(stderr.read);
    extras.undo();
    const failure = describeSpawnFailure(result, plan);
    fail(room, prepared, failure.stage, failure.errno, failure.transient);
    return;
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
    otherSessions: new Set(),
    orphans: new Set(),
    lastOrphanStatus: null,
    statusText: null,
    undo: [],
  };
  room.live.add(live);
  port.started(live);
  room.post({ type: "spawned", name: spec.name, run, pid: result.pid });
}
