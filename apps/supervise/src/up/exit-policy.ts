import { suggest } from "@supervise/config";
import {
  describeEnd,
  type Configuration,
  type FailureReason,
  type RunEnd,
  type ServiceSnapshot,
} from "@supervise/model";
import { matchNames, UnknownServiceError } from "@supervise/model";
import type { Core } from "@supervise/supervisor";
import { signalNumber } from "@supervise/sys";
import { CommandError, EXIT_USAGE } from "../verb.js";

/** Whose end ends everything: `--exit-with`. */
export type ExitWith =
  | { readonly kind: "all" | "first-failure" | "never" }
  /** A name as the verbs take it: a scaled service stands for its replicas. */
  | { readonly kind: "service"; readonly name: string };

/** How it ends: the exit code, and why in one sentence without a full stop. */
export interface Verdict {
  readonly exitCode: number;
  readonly reason: string;
}

const WORDS = ["first-failure", "all", "never"] as const;

/** Null stands for the usual one. A service of this name goes before a word. Throws a `CommandError` where there is none. */
export function readExitWith(
  text: string | null,
  usual: "all" | "never",
  configuration: Configuration,
): ExitWith {
  if (text === null) return { kind: usual };
  const { services } = configuration;
  if (services.some(({ name, service }) => name === text || service === text))
    return { kind: "service", name: text };
  const word = WORDS.find((one) => one === text);
  if (word !== undefined) return { kind: word };
  const names = services.flatMap(({ name, service }) => [name, service]);
  const near = suggest(text, [...new Set([...names, ...WORDS])]);
  throw new CommandError(`cannot exit with "${text}": no such service`, {
    exitCode: EXIT_USAGE,
    hint:
      near === null
        ? `it may be a service, or one of ${WORDS.join(", ")}`
        : `did you mean --exit-with ${near}?`,
  });
}

/** Null: it goes on. */
export function verdictOf(core: Core, exitWith: ExitWith): Verdict | null {
  switch (exitWith.kind) {
    case "never":
      return null;
    case "all":
      return whenAllEnded(core);
    case "first-failure": {
      const failure = firstFailure(core.engine.snapshots());
      return failure === null
        ? null
        : { ...failure, reason: `${failure.reason}, the first failure` };
    }
    case "service":
      return whenServiceEnded(core, exitWith.name);
  }
}

function whenAllEnded(core: Core): Verdict | null {
  for (const { state } of core.engine.snapshots()) {
    // Never started: it was not asked for. Stopped: somebody may start it again.
    const over =
      state.kind === "done" ||
      state.kind === "failed" ||
      (state.kind === "down" && state.cause === null);
    if (!over) return null;
  }
  const failure = firstFailure(core.engine.snapshots());
  if (failure === null) return { exitCode: 0, reason: "every service is done" };
  const { exitCode, reason } = failure;
  return { exitCode, reason: `every service is done or has failed; the first: ${reason}` };
}

/** Of a scaled service each replica has to have ended. */
function whenServiceEnded(core: Core, name: string): Verdict | null {
  const snapshots = named(core, name);
  if (snapshots.length === 0 || !snapshots.every(hasEnded)) return null;
  const asked = `and --exit-with names it`;
  const failure = firstFailure(snapshots);
  if (failure !== null) return { ...failure, reason: `${failure.reason}, ${asked}` };
  return { exitCode: 0, reason: `service "${name}" is done, ${asked}` };
}

/** A reload may have taken it away: then nothing of it ends any more. */
function named(core: Core, name: string): readonly ServiceSnapshot[] {
  const { engine } = core;
  const specs = [...engine.snapshots()].flatMap((one) => engine.spec(one.name) ?? []);
  try {
    return matchNames([name], specs).flatMap((one) => engine.snapshot(one) ?? []);
  } catch (error) {
    if (error instanceof UnknownServiceError) return [];
    throw error;
  }
}

/** Its policy starts no more, and nobody has stopped it. */
function hasEnded({ state }: ServiceSnapshot): boolean {
  switch (state.kind) {
    case "done":
    case "failed":
      return true;
    case "down":
      return state.last !== null && (state.cause === null || state.cause.kind === "policy");
    default:
      return false;
  }
}

/** The failure of a service that waits for another is not the first: that other one's is. */
function firstFailure(snapshots: Iterable<ServiceSnapshot>): Verdict | null {
  let first: { readonly atMs: number; readonly verdict: Verdict } | null = null;
  for (const { name, state } of snapshots) {
    if (state.kind !== "failed") continue;
    const atMs = state.reason.kind === "dependency" ? Infinity : state.sinceMs;
    if (first !== null && first.atMs <= atMs) continue;
    const reason = `service "${name}" has failed: ${failureText(state.reason)}`;
    first = { atMs, verdict: { exitCode: failureCode(state.reason), reason } };
  }
  return first?.verdict ?? null;
}

function failureText(reason: FailureReason): string {
  return reason.kind === "dependency"
    ? `its dependency "${reason.name}" ${reason.detail}`
    : `its last run ${describeEnd(reason.last)}`;
}

const EXIT_FAILED = 1;
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

function failureCode(reason: FailureReason): number {
  return reason.kind === "dependency" ? EXIT_FAILED : endCode(reason.last);
}

/** As a shell has it. A run that was stopped because it was not ready, say, and then exits with 0 is a failure all the same. */
function endCode(end: RunEnd): number {
  if (end.kind === "spawnFailed")
    return end.failure.errno === "ENOENT" ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
  switch (end.status.kind) {
    case "code":
      return end.status.code === 0 ? EXIT_FAILED : end.status.code;
    case "signal":
      return 128 + (signalNumber(end.status.signal) ?? 0);
    case "unknown":
      return EXIT_FAILED;
  }
}
