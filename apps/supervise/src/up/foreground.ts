import { closeSync } from "node:fs";
import type { Configuration } from "@supervise/model";
import { openTerminal, type TerminalTarget } from "@supervise/log";
import { PING_AS_STARTED, type Settings } from "@supervise/process";
import type { LoadAsked } from "@supervise/supervisor";
import type { Kernel } from "@supervise/sys";
import { isTerminal } from "../is-terminal.js";
import type { LoadedConfiguration } from "../load.js";
import { begin } from "./begin.js";
import { claimPlace, type Refusal } from "./claim-place.js";
import { listenForHealth, type HealthPlace } from "./health-port.js";
import { holdOptimizing, MANY_SERVICES } from "./heap.js";
import { openSession, type Session } from "./session.js";
import { depositConfiguration, type KeptWork } from "./keeper.js";
import { endDespiteHangs } from "./end-despite-hangs.js";
import { verdictOf, type ExitWith, type Verdict } from "./exit-policy.js";
import { openDevelop, type Develop } from "./file-watch/develop.js";
import { noteScales, scaledAsNoted } from "./noted-scales.js";
import { limitStop } from "./stop-limit.js";
import { leftBehind, stopReason } from "./stop-reason.js";

export interface ForegroundRequest {
  readonly kernel: Kernel;
  readonly configuration: Configuration;
  readonly files: readonly string[];
  /** Reads the configuration anew, for SIGHUP, `reload` and `scale`. */
  readonly load: (asked: LoadAsked) => Promise<LoadedConfiguration>;
  /** What becomes of services that an earlier supervisor has left alive. "end": they are stopped as by `down`, `atOnce` or in order, and nothing is started. */
  readonly survivors: "take over" | "stop first" | "end";
  readonly atOnce: boolean;
  /** Services to start; null: all. */
  readonly names: readonly string[] | null;
  /** --runtime-dir, absolute. */
  readonly requestedDirectory: string | null;
  readonly environment: NodeJS.ProcessEnv;
  readonly version: string;
  /** Lines of services go to this descriptor; null: nowhere. */
  readonly outputFd: number | null;
  /** Whose end ends everything. */
  readonly exitWith: ExitWith;
  /** Longest that a stop of everything may take, in milliseconds; null: as long as the services have. */
  readonly graceMs: number | null;
  /** Silence of ours after which the keeper takes us for hung, in milliseconds; 0: it never does; null: as it was told itself. */
  readonly hangAfterMs: number | null;
  /** Where health is served over TCP; null: nowhere. */
  readonly health: HealthPlace | null;
  /** File for the reason of the end, which the keeper writes, or else the caller; empty: none. */
  readonly terminationLog: string;
  /** Serves the control socket; returns its end. Called once the first services have been spawned. */
  readonly serve: (session: Session, directory: string) => Promise<() => Promise<void>>;
  /** Null: there is no keeper above us. */
  readonly work: KeptWork | null;
  /** Files are watched (`develop.watch`): somebody works on what runs here. */
  readonly develops: boolean;
  /** Opens the screen below the lines, where somebody sees it; returns its end. Absent: nobody does. */
  readonly openScreen?: (session: Session, colour: boolean) => Promise<() => void>;
  /** Told when everything has been asked to start and the control socket, where there is one, answers. */
  readonly onStarted: (session: Session) => void;
}

/** What is left at the end has 10 s from SIGTERM to SIGKILL. */
const KEEPER_GRACE_MS = 10_000;

/** A keeper that hears nothing of us for its grace period after SIGTERM ends everything by itself, and a start of Node must not be too long for it. */
const LEAST_GRACE_MS = 1_000;

/** Of a terminal that does not say how high it is. */
const UNKNOWN_ROWS = 24;

/** Silence is found after half of that time to all of it: a question comes every half, and has as long for its answer. */
function pings(hangAfterMs: number | null): Pick<Settings, "pingEveryMs" | "pingLimitMs"> {
  if (hangAfterMs === null) return { pingEveryMs: PING_AS_STARTED, pingLimitMs: 0 };
  const half = Math.ceil(hangAfterMs / 2);
  return { pingEveryMs: half, pingLimitMs: half };
}

/** How it ended. */
export interface Ending extends Verdict {
  /** Somebody has asked for it. */
  readonly asked: boolean;
  /** The keeper tells the reason, and writes it down. */
  readonly toKeeper: boolean;
}

/** Fewer fit into the table of 64 descriptors that every process begins with. */
const FEW_SERVICES = 12;
/** Our own, and those of children that are just being born. */
const LOW_DESCRIPTORS = 384;
/** Collecting all garbage takes 10 ms and more. Clients that have waited for a supervisor to come back are answered first. */
const TRIM_AFTER_MS = 250;
/** Two output pipes; more for some (a notify socket, a log file, a pidfd of an adopted one). */
const DESCRIPTORS_EACH = 3;

/** Runs the services until everything is down. Settles with how that came about, or with why it could not begin. */
export async function runForeground(request: ForegroundRequest): Promise<Ending | Refusal> {
  const { kernel } = request;
  const { length: count } = request.configuration.services;
  if (count >= FEW_SERVICES) kernel.reserveDescriptors(LOW_DESCRIPTORS + count * DESCRIPTORS_EACH);
  const many = count >= MANY_SERVICES;
  const allowOptimizing = many ? await holdOptimizing() : null;
  const keeper = request.work?.keeper ?? null;
  const place = await claimPlace(request);
  if ("message" in place) return place;
  const { lock } = place;
  const note = lock?.note ?? "";
  const configuration = note === "" ? request.configuration : await scaledAsNoted(request, note);
  if (keeper !== null && configuration !== request.configuration)
    depositConfiguration(
      kernel,
      keeper,
      { configuration, generation: 1, restart: [] },
      request.version,
    );
  const terminal =
    request.outputFd === null ? null : terminalOf(kernel, request.outputFd, request.environment);
  let develop: Develop | null = null;
  const session = openSession({
    kernel,
    configuration,
    runtimeDirectory: place.directory,
    terminal: terminal?.target ?? null,
    version: request.version,
    files: request.files,
    work: request.work,
    applied: (next) => {
      noteScales(session, lock, session.core.engine.configuration, next);
      develop?.update(next);
    },
    load: async (asked) => ({ ...(await request.load(asked)), files: request.files }),
  });
  const { core } = session;
  const health =
    request.health === null ? null : await listenForHealth(session, request.health, keeper);
  if (health !== null && typeof health === "object") {
    // Whoever asked for it is there to mend it; nobody is when we come back, and the services are more important then.
    if (keeper === null || keeper.hello.generation === 1) {
      await session.close();
      if (terminal?.owned === true) closeSync(terminal.target.fd);
      place.release();
      return health;
    }
    core.room.warn(null, health.message);
  }
  // From here on there is something to come back to: our death before this is a fault of the start, after it one in service.
  keeper?.settings({
    graceMs: Math.max(request.graceMs ?? KEEPER_GRACE_MS, LEAST_GRACE_MS),
    ...pings(request.hangAfterMs),
    terminationLog: request.terminationLog,
  });
  keeper?.ready();
  await begin(session, request);

  // V8 refuses the compiled code of Node's own modules for as long as its flags are others, and `serve` loads many.
  allowOptimizing?.();
  const stopServing =
    place.directory === null ? null : await request.serve(session, place.directory);
  request.onStarted(session);
  if (many) setTimeout(() => kernel.trimMemory(), TRIM_AFTER_MS).unref();

  const unlimit =
    request.graceMs === null ? null : limitStop(core, request.graceMs, kernel, keeper);
  let verdict: Verdict | null = null;
  const endIfNothingIsLeft = (): void => {
    if (core.engine.shuttingDown) return;
    verdict = verdictOf(core, request.exitWith);
    if (verdict !== null) session.shutDown({ kind: "policy" });
  };
  // One look for all changes of a turn: a start of many services makes thousands.
  let planned: NodeJS.Immediate | null = null;
  const unlisten = core.onChange(() => {
    planned ??= setImmediate(() => {
      planned = null;
      endIfNothingIsLeft();
    });
  });
  endIfNothingIsLeft();
  if (request.develops) {
    develop = openDevelop(session, request.files);
    develop.update(configuration);
  } else if (configuration.services.some(({ watch }) => watch.length > 0))
    core.room.hub.say("Files are watched only by `supervise up` in the foreground", "info");
  const closeScreen = await request.openScreen?.(session, terminal?.target.colour === true);
  await core.allDown;
  closeScreen?.();
  await develop?.close();
  const { exitCode, reason }: Verdict = leftBehind(core) ??
    verdict ?? { exitCode: 0, reason: stopReason(core) };
  await core.killStrangers();
  unlisten();
  unlimit?.();
  // In this order: the end of the core ends the streams of clients, the server then lets them send their last items.
  await session.close();
  endDespiteHangs(core);
  await stopServing?.();
  if (typeof health === "function") await health();
  if (terminal?.owned === true) closeSync(terminal.target.fd);
  // Whoever starts it again after this end has the file in mind.
  if (session.core.engine.configuration.scales !== undefined) lock?.setNote("");
  place.release();
  const toKeeper = keeper?.connected === true;
  keeper?.finished(exitCode, reason);
  return { exitCode, reason, asked: verdict === null, toKeeper };
}

/** Holds no process that has nothing left to do. */
function after(delayMs: number, call: () => void): () => void {
  const timer = setTimeout(call, delayMs).unref();
  return () => clearTimeout(timer);
}

/** For what stands below the rows. */
function footerOf(environment: NodeJS.ProcessEnv): Partial<TerminalTarget> {
  return {
    screenRows: () => process.stdout.rows || UNKNOWN_ROWS,
    gnuScreen: (environment["STY"] ?? "") !== "",
    after,
  };
}

function terminalOf(
  kernel: Kernel,
  fd: number,
  environment: NodeJS.ProcessEnv,
): { readonly target: TerminalTarget; readonly owned: boolean } {
  const tty = isTerminal(fd);
  const opened = openTerminal(kernel, fd);
  const forced = (environment["FORCE_COLOR"] ?? "") !== "" && environment["FORCE_COLOR"] !== "0";
  const refused = (environment["NO_COLOR"] ?? "") !== "" || environment["TERM"] === "dumb";
  return {
    target: {
      fd: opened.fd,
      tty,
      colour: forced || (tty && !refused),
      ...(tty ? footerOf(environment) : {}),
    },
    owned: opened.owned,
  };
}
