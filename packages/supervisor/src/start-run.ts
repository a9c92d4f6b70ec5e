import type { ServiceSpec, SpawnFailure } from "@supervise/model";
import { describeSpawnFailure, finishPlan, type SpawnPlan } from "@supervise/process";
import {
  errnoName,
  type Kernel,
  type OutputPipe,
  type SpawnBatch,
  type SpawnRequest,
  type SpawnResult,
} from "@supervise/sys";
import { openDirect } from "./direct-output.js";
import type { LiveRun } from "./live-run.js";
import type { Room } from "./room.js";
import type { RunSockets } from "./sockets/sockets.js";
import type { ReadyRun, SpareRun } from "./spare-run.js";
import { openRunInput, openRunTerminal, type NoTerminal } from "./terminals/run-terminal.js";

/** Our ends of what a run tells its readiness by. */
export interface KeptReadiness {
  readonly notify?: number | null;
  /** Read end of its notification descriptor. */
  readonly ready?: number | null;
}

/** What a new run's descriptors beyond 0-2 and its environment get from its readiness check. */
export interface RunExtras {
  readonly environment: readonly string[];
  /** The child's descriptor number and ours; ours is closed after the spawn. */
  readonly descriptor: {
    readonly child: number;
    readonly ours: number;
    readonly inode: number;
  } | null;
  readonly kept: KeptReadiness;
  /** Undo where the spawn fails. */
  readonly undo: () => void;
}

export interface StartPort {
  readonly nullFd: number;
  readonly spare: SpareRun;
  readonly newId: () => string;
  /** Asked before each spawn: the listening sockets that are passed on. */
  readonly sockets: (spec: ServiceSpec) => RunSockets;
  /** What becomes standard input, to be closed after the spawn; null: nothing is to be read there. A negative errno: it cannot be had. */
  readonly input: (spec: ServiceSpec) => number | null;
  /** Asked before each spawn, with the run's number. */
  readonly extras: (spec: ServiceSpec, run: number) => RunExtras;
  /** Told right before the spawns, with the identifiers that the processes will carry: should we die now, the next supervisor can find them. */
  readonly starting: (runs: readonly PreparedRun[]) => void;
  /** Told of spawns as soon as they are done, those that failed included; `started` follows when all are. */
  readonly born: (runs: readonly BornRun[]) => void;
  /** Told after a spawn that succeeded, before the engine is. */
  readonly started: (live: LiveRun) => void;
  /** Told when all runs that were wanted together have been spawned, or have failed: for what can wait so long, but no longer than that. */
  readonly allStarted: () => void;
}

export interface WantedRun {
  readonly spec: ServiceSpec;
  readonly run: number;
}

export interface StartingRun extends WantedRun {
  readonly invocationId: string;
}

/** What is kept of a run between its spawn and its entry into our books. */
export interface PreparedRun extends StartingRun {
  readonly plan: SpawnPlan;
  /** Of a run with a terminal both are of that: see `openRunTerminal`. */
  readonly stdout: OutputPipe;
  readonly stderr: OutputPipe;
  /** The file that it writes to instead of the pipes; null: the pipes. */
  readonly direct: number | null;
  /** The pipe by which it reads the lines of others; null: it reads none. */
  readonly input: number | null;
  readonly extras: RunExtras;
  readonly sockets: BoundSockets;
  /** See `Keeping.nextBirthPlace`. */
  readonly birthPlace: number;
}

type BoundSockets = Extract<RunSockets, { readonly kind: "bound" }>;

interface PreparedRuns {
  readonly runs: readonly PreparedRun[];
  readonly requests: readonly SpawnRequest[];
}

export interface BornRun {
  readonly prepared: PreparedRun;
  readonly result: SpawnResult;
}

/** The first batch is small, so that the first of many services does not wait for the last one's pipes; then they double up to this. */
const FIRST_BATCH = 4;
const LARGEST_BATCH = 32;

/**
 * Spawns runs and answers the engine with `spawned` or `spawnFailed` for each. Nothing is left behind by a failure. Of many, one batch is spawned by
 * another thread while the next is prepared; they are entered into our books when the last has been begun, so that no service waits for another's paperwork.
 * `books` are those of runs that have ended; they are called before that.
 */
export function startRuns(
  room: Room,
  port: StartPort,
  wanted: readonly WantedRun[],
  books: (() => void) | null = null,
): void {
  const born = wanted.length === 1 ? spawnOne(room, port, wanted) : spawnMany(room, port, wanted);
  books?.();
  for (const { prepared, result } of born) complete(room, port, prepared, result);
  port.allStarted();
  if (wanted.length === 1 && wanted[0] !== undefined) port.spare.prepareSoon(wanted[0]);
}

function spawnOne(room: Room, port: StartPort, wanted: readonly WantedRun[]): readonly BornRun[] {
  const ready = wanted[0] === undefined ? null : port.spare.take(wanted[0]);
  if (ready !== null) {
    const runs = [ready.prepared];
    port.extras(ready.prepared.spec, ready.prepared.run);
    port.starting(runs);
    return release(room, port, runs, [ready.spawn()]);
  }
  const { runs, requests } = prepareAll(room, port, wanted);
  const results = requests.map((request) => room.kernel.spawn(request));
  return release(room, port, runs, results);
}

function spawnMany(room: Room, port: StartPort, wanted: readonly WantedRun[]): readonly BornRun[] {
  const born: BornRun[] = [];
  let before: { readonly runs: readonly PreparedRun[]; readonly batch: SpawnBatch } | null = null;
  const finishBefore = (): void => {
    if (before !== null) born.push(...release(room, port, before.runs, before.batch.finish()));
  };
  for (let start = 0, size = FIRST_BATCH; start < wanted.length;) {
    const { runs, requests } = prepareAll(room, port, wanted.slice(start, start + size));
    finishBefore();
    before = { runs, batch: room.kernel.beginSpawns(requests) };
    start += size;
    size = Math.min(size * 2, LARGEST_BATCH);
  }
  finishBefore();
  return born;
}

/** Closes what was the children's. */
function release(
  { kernel }: Room,
  port: StartPort,
  runs: readonly PreparedRun[],
  results: readonly SpawnResult[],
): readonly BornRun[] {
  const born = runs.flatMap((prepared, index) => {
    kernel.close(prepared.stdout.child);
    if (!prepared.spec.process.tty) kernel.close(prepared.stderr.child);
    if (prepared.direct !== null) kernel.close(prepared.direct);
    if (prepared.input !== null) kernel.close(prepared.input);
    if (prepared.extras.descriptor !== null) kernel.close(prepared.extras.descriptor.ours);
    const result = results[index];
    return result === undefined ? [] : { prepared, result };
  });
  port.born(born);
  return born;
}

function closeOutput(kernel: Kernel, pipe: OutputPipe): void {
  kernel.close(pipe.read);
  kernel.close(pipe.child);
}

function fail(room: Room, { spec, run }: WantedRun, failure: SpawnFailure): void {
  const event = { type: "spawnFailed", name: spec.name, run, failure } as const;
  // In a later turn: a policy that tries again without a delay would otherwise never let go of the loop, and nobody could stop it.
  setImmediate(() => room.post(event));
}

/** Those that failed are not among them; it has been told. */
function prepareAll(room: Room, port: StartPort, wanted: readonly WantedRun[]): PreparedRuns {
  const runs: PreparedRun[] = [];
  const requests: SpawnRequest[] = [];
  for (const one of wanted) {
    const prepared = prepare(room, port, one);
    if ("stage" in prepared) {
      fail(room, one, prepared);
      continue;
    }
    runs.push(prepared);
    requests.push(requestOf(room, port, prepared));
  }
  if (runs.length > 0) port.starting(runs);
  return { runs, requests };
}

/** Of a run whose readiness asks for nothing. */
export const NO_EXTRAS: RunExtras = {
  environment: [],
  descriptor: null,
  kept: {},
  undo: () => undefined,
};

/** A run for whose readiness nothing is needed, to be spawned later by one call; null: it cannot be made ready. */
export function prepareAhead(room: Room, port: StartPort, wanted: WantedRun): ReadyRun | null {
  // Whoever is asked for them takes it for the beginning of a run: `spawnOne` does that in its time.
  const prepared = prepare(room, { ...port, extras: () => NO_EXTRAS }, wanted);
  if ("stage" in prepared) return null;
  return { prepared, spawn: room.kernel.prepareSpawn(requestOf(room, port, prepared)) };
}

function prepare(
  room: Room,
  port: StartPort,
  { spec, run }: WantedRun,
): PreparedRun | SpawnFailure {
  const plan = room.plans.of(spec);
  if (plan.kind === "failure") return plan.failure;
  const sockets = port.sockets(spec);
  if (sockets.kind === "failure")
    return { stage: sockets.stage, errno: sockets.errno, transient: true };
  const direct = openDirect(room.kernel, spec);
  if (direct !== null && direct < 0)
    return { stage: "opening its log file", errno: errnoName(direct), transient: true };
  const output = spec.process.tty
    ? openRunTerminal(room.kernel, plan.request.uid ?? null)
    : openPipes(room.kernel, port.spare.pipes);
  if ("stage" in output) {
    if (direct !== null) room.kernel.close(direct);
    return { ...output, transient: true };
  }
  const { stdout, stderr } = output;
  const input = port.input(spec) ?? openInput(room.kernel, spec);
  if (input !== null && input < 0) {
    closeOutput(room.kernel, stdout);
    closeOutput(room.kernel, stderr);
    if (direct !== null) room.kernel.close(direct);
    return { stage: "opening its standard input", errno: errnoName(input), transient: true };
  }
  const extras = port.extras(spec, run);
  const birthPlace = room.keeping.nextBirthPlace();
  return {
    spec,
    run,
    plan,
    stdout,
    stderr,
    direct,
    input,
    extras,
    sockets,
    birthPlace,
    invocationId: port.newId(),
  };
}

/** The child's end of a standard input that stays open; null: it has none. */
function openInput(kernel: Kernel, { process: { stdinOpen, tty } }: ServiceSpec): number | null {
  return stdinOpen && !tty ? openRunInput(kernel) : null;
}

function openPipes(
  kernel: Kernel,
  pipes: SpareRun["pipes"],
): Pick<PreparedRun, "stdout" | "stderr"> | NoTerminal {
  const stdout = pipes.take();
  const stderr = typeof stdout === "number" ? stdout : pipes.take();
  if (typeof stdout !== "number" && typeof stderr !== "number") return { stdout, stderr };
  if (typeof stdout !== "number") closeOutput(kernel, stdout);
  const errno = typeof stderr === "number" ? errnoName(stderr) : "EMFILE";
  return { stage: "making the output pipe", errno };
}

/** What becomes its standard output and error. A pipe that it does not get hangs up at once. */
function outputOf({ spec, stdout, stderr, direct }: PreparedRun): readonly [number, number] {
  if (direct !== null) return [direct, direct];
  if (spec.process.tty) return [stdout.child, stdout.child];
  return [stdout.child, spec.logging.stderr === "stdout" ? stdout.child : stderr.child];
}

function requestOf(room: Room, port: StartPort, prepared: PreparedRun): SpawnRequest {
  const { plan, extras, sockets, invocationId } = prepared;
  const { tty } = prepared.spec.process;
  const stdin = tty ? prepared.stdout.child : (prepared.input ?? port.nullFd);
  const descriptors = [stdin, ...outputOf(prepared), ...sockets.descriptors];
  if (extras.descriptor !== null) {
    while (descriptors.length <= extras.descriptor.child) descriptors.push(-1);
    descriptors[extras.descriptor.child] = extras.descriptor.ours;
  }
  return finishPlan(plan, {
    ...room.keeping.requestFor(prepared.birthPlace),
    descriptors,
    environment: [`INVOCATION_ID=${invocationId}`, ...sockets.environment, ...extras.environment],
    ...(tty ? { controllingTerminal: 0 } : {}),
    ...(sockets.descriptors.length === 0 ? {} : { listenPid: true }),
  });
}

function complete(room: Room, port: StartPort, prepared: PreparedRun, result: SpawnResult): void {
  const { spec, run, plan, stdout, stderr, extras, invocationId, birthPlace } = prepared;
  if ("stage" in result) {
    room.kernel.close(stdout.read);
    room.kernel.close(stderr.read);
    extras.undo();
    fail(room, prepared, describeSpawnFailure(result, plan));
    return;
  }
  const { tty } = spec.process;
  const output = { stdout: stdout.read, stderr: tty ? null : stderr.read };
  room.hub.openRun(spec.name, run, output, invocationId);
  room.hub.markRun(spec.name, { kind: "begin", run, pid: result.pid });
  const live: LiveRun = {
    name: spec.name,
    run,
    spec,
    invocationId,
    birthPlace,
    session: result.pid,
    mainPid: result.pid,
    mainEnded: false,
    startedAtMs: room.realtimeMs(),
    child: true,
    pipes: [
      stdout.inode,
      stderr.inode,
      ...(extras.descriptor === null ? [] : [extras.descriptor.inode]),
    ],
    ...(tty ? { tty: true } : {}),
    otherSessions: new Set(),
    orphans: new Set(),
    lastOrphanStatus: null,
    statusText: null,
    undo: tty ? [() => room.kernel.close(stderr.read)] : [],
  };
  room.live.add(live);
  port.started(live);
  room.post({ type: "spawned", name: spec.name, run, pid: result.pid });
}
