import { createEngine, type Engine, type EngineEvent, type ServiceSpec } from "@supervise/model";
import { createDescriptorWatch, createLogHub } from "@supervise/log";
import type { Signal } from "@supervise/process";
import { adoptSurvivors, type Adopted, type AdoptedRun } from "./adoption.js";
import { createCarryOut } from "./carry-out.js";
import { createChangeTeller } from "./change-teller.js";
import { createCommands } from "./commands.js";
import { createDeadlines } from "./deadlines.js";
import { createEventLog } from "./event-log.js";
import { createEventQueue } from "./event-queue.js";
import { createDaemonCandidates } from "./daemon-candidates.js";
import { forkedAway } from "./forked-away.js";
import { createForking } from "./forking.js";
import { endInput } from "./input-end.js";
import { createInputs } from "./inputs.js";
import { createKeeping } from "./keeping/keeping.js";
import { comeBack, type CameBack } from "./keeping/come-back.js";
import { openOutputFile } from "./keeping/output-file.js";
import { linesMemory, outputMemory } from "./keeping/output-memory.js";
import { resumeStop } from "./keeping/resume-stop.js";
import { listenToKeeper } from "./keeping/listen.js";
import { createIdentifiers } from "./identifiers.js";
import { createLiveRuns, type LiveRun } from "./live-run.js";
import { createPathWatches } from "./path-watch.js";
import { loggedService } from "./logged-service.js";
import { createPersistence } from "./persistence.js";
import { createPlans } from "./plans.js";
import { createMainMoves } from "./main-moves.js";
import type { NotifyMessage } from "./readiness/notify-message.js";
import { createReadiness } from "./readiness/watch.js";
import { createReaper, type Reaper } from "./reaper.js";
import type { Room } from "./room.js";
import { createSecrets, type Secrets } from "./secrets.js";
import { createSockets } from "./sockets/sockets.js";
import { createSpareRun } from "./spare-run.js";
import { prepareAhead, type StartPort } from "./start-run.js";
import type { SupervisorOptions } from "./supervisor-options.js";
import { createStopping, type Stopping } from "./stopping.js";
import { killStrangers } from "./strangers.js";
import { createSyslogServer, type SyslogServer } from "./syslog/syslog-server.js";
import { createTrees, type Trees } from "./trees.js";
import { readinessReason } from "./status.js";
import { within } from "./within.js";
import { createWatchdogs } from "./watchdog.js";
import { createWatcher } from "./watcher.js";

/** So long may a slow reader of standard output take for the last lines once every service is down, in milliseconds. One that has stopped reading must not hold up the end. */
const LAST_LINES_MS = 2_000;

/** The running whole: the engine, and the machine room that carries out its actions. */
export interface Core {
  readonly room: Room;
  readonly engine: Engine;
  readonly trees: Trees;
  readonly reaper: Reaper;
  readonly stopping: Stopping;
  readonly readiness: { detail(name: string): string | null };
  /** When a service's last run was spawned, in milliseconds since the epoch. */
  readonly lastStartedAtMs: (name: string) => number | undefined;
  /** Binds the listening sockets of a new configuration and closes those that it lacks. Before the engine takes it. */
  readonly configureSockets: (specs: readonly ServiceSpec[]) => void;
  /** Lets go of the pipes to services that read no lines of others any more. After the log hub was configured. */
  readonly keepInputs: (specs: readonly ServiceSpec[]) => void;
  /** The values that nobody is to see. */
  readonly secrets: Secrets;
  /** A healthcheck has changed: the watch of the run begins anew with the spec in force. */
  readonly restartHealth: (name: string) => void;
  /** What was wrong with the last healthcheck of a service's run; null: nothing, or there was none. */
  readonly healthFailure: (name: string) => string | null;
  /** Called after each change of a service's snapshot; returns the undo. */
  readonly onChange: (listener: (name: string) => void) => () => void;
  /** Settles after a shutdown, once every service is down and what was left of anything below us has been killed. */
  readonly allDown: Promise<void>;
  /** Dispatches several events before any action is carried out. */
  readonly postAll: (events: readonly EngineEvent[]) => void;
  readonly options: SupervisorOptions;
  /** Under a keeper that had a supervisor before us: goes on where that ended. Once, and instead of `adoptSurvivors`; null: there is nothing to go by. */
  readonly comeBack: () => CameBack | null;
  /** What is to be said of a forking service's command or pidfile, as a sentence for `why`; null: nothing. */
  readonly pidfileNote: (name: string) => string | null;
  /** How the current run of a service came to be ours, where it was another supervisor's; null: it was not. */
  readonly adoption: (name: string) => string | null;
  /** The syslog socket for the services; served from the configuration at hand once `comeBack` or `adoptSurvivors` is done. */
  readonly syslog: Pick<SyslogServer, "serve" | "counts">;
  /** Hears the keeper from now on. `signal` answers as `KeeperListener.signal` does. After the restart of what was there. */
  readonly listenToKeeper: (signal: (signal: Signal) => boolean | Promise<unknown>) => void;
  /** Takes over what an earlier supervisor left. Once, before anything is started. `fresh`: what lives is to be stopped, and the rest is not gone by. */
  readonly adoptSurvivors: (fresh: boolean) => Adopted;
  /** Kills what was left below us by nobody we know. Settles when it is gone. After `allDown`. */
  readonly killStrangers: () => Promise<void>;
  /** Ends everything that is still open. Call after `allDown`. */
  close(): Promise<void>;
}

/** Nothing is started yet; post `startAll`. The caller makes it the reaper (`setSubreaper`, or it is PID 1) and calls `reaper.collect` on SIGCHLD. */
export function createCore(options: SupervisorOptions): Core {
  const { kernel } = options;
  const engine = createEngine(options.configuration, { random: options.random });
  const secrets = createSecrets(options.planContext);
  secrets.use(options.configuration.services);
  const events = createEventLog(options.realtimeMs, secrets.hide);
  // Of a process that ends the outputs hang up just before SIGCHLD comes, which costs the loop another turn.
  const watch = createDescriptorWatch(kernel, () => {
    if (options.keeper === null) reaper.collect();
  });
  const outputFile =
    options.keeper === null && options.runtimeDirectory !== null
      ? openOutputFile(kernel, options.proc, options.runtimeDirectory)
      : null;
  const inputs = createInputs({ ...options, warn: (service, message) => warn(service, message) });
  const hub = createLogHub({
    kernel,
    watch,
    clock: () => options.realtimeMs() * 1_000,
    terminal: options.terminal,
    memory:
      options.keeper === null ? (outputFile?.memory ?? null) : outputMemory(kernel, options.keeper),
    lines: options.keeper === null ? null : linesMemory(kernel, options.keeper),
    onProblem: (problem) => warn(null, problem.message),
    input: inputs.writeEnd,
    hide: secrets.hide,
  });
  const listeners = new Set<(name: string) => void>();
  let resolveAllDown: () => void = () => undefined;
  const allDown = new Promise<void>((resolve) => {
    resolveAllDown = resolve;
  });

  const warn = (service: string | null, message: string): void => {
    events.add({ service, kind: "warning", message });
    hub.say(message, "warning");
  };
  const { post, postAll } = createEventQueue({
    handle: (event, books) => {
      deeds.carryOut(engine.dispatch(event, options.monotonicMs()), books);
    },
    settled: () => {
      persistence.settle();
      keeping.flush();
    },
  });

  const live = createLiveRuns();
  const keeping = createKeeping({
    keeper: options.keeper,
    kernel,
    engine,
    live,
    events,
    realtimeMs: options.realtimeMs,
  });
  const room: Room = {
    kernel,
    proc: options.proc,
    hub,
    events,
    watcher: createWatcher(watch),
    commands: createCommands(kernel),
    live,
    keeping,
    plans: createPlans(options.planContext),
    runtimeDirectory: options.runtimeDirectory,
    monotonicMs: options.monotonicMs,
    realtimeMs: options.realtimeMs,
    post,
    spec: (name) => engine.spec(name),
    warn,
  };
  const sockets = createSockets(options);
  sockets.configure(options.configuration.services);
  const trees = createTrees(kernel, options.proc, live, room.commands, keeping);
  const stopping = createStopping(room, trees);
  const watchdogs = createWatchdogs(room);
  const readiness = createReadiness(room, trees, {
    received: (run, message) => heard(run, message),
  });
  const persistence = createPersistence(room, engine, options.records);
  const candidates = createDaemonCandidates(room, trees);
  const mainMoves = createMainMoves(room, trees, {
    moved: persistence.moved,
    ended: (run, status) => {
      // Its parent has ended before it, perhaps: then it was ours to collect.
      reaper.collect();
      if (!run.mainEnded) reaper.endedElsewhere(run, status);
    },
  });
  const forking = createForking(room, {
    watches: createPathWatches(kernel, room.watcher),
    candidates,
    vacated: persistence.vacated,
    lacks: readiness.lacks,
    move: (run, pid) => {
      mainMoves.become(run, pid);
      // It may be the very process for which others went on looking for their daemon.
      for (const other of [...room.live.all()])
        if (other !== run && other.mainPid === 0) reaper.recheck(other);
    },
    ended: (run, status) => reaper.endedElsewhere(run, status),
  });
  const syslog = createSyslogServer(room, trees, options.keeper);
  const reaper = createReaper(room, trees, {
    beforeEnds: syslog.drain,
    followFork: (run, status) => forking.follow(run, status),
    reaped: forking.reaped,
    forkedAway: (run, status) => forkedAway(room, trees, candidates, run, status),
    treeGone: (run) => {
      for (const undo of run.undo.splice(0).toReversed()) undo();
      persistence.ended(run);
      hub.closeRun(run.name, run.run);
      syslog.ended(run);
      keeping.ended(run);
    },
  });
  const tell = createChangeTeller(room, engine, (name) => deeds.healthFailure(name));

  const heard = (run: LiveRun, message: NotifyMessage): void => {
    if (message.status !== null) run.statusText = secrets.hide(message.status);
    watchdogs.received(run, message);
    if (message.mainPid !== null && message.mainPid !== run.mainPid)
      mainMoves.named(run, message.mainPid);
    if (message.ready) post({ type: "becameReady", name: run.name, run: run.run });
    if (message.stopping) post({ type: "stoppingAnnounced", name: run.name, run: run.run });
  };
  const startedAt = new Map<string, number>();
  let adoptions: CameBack["adopted"] = new Map();
  const beginStop = (run: LiveRun, useSignal: boolean): void => {
    if (run.spec.readsLogs && engine.shuttingDown)
      endInput(room, inputs, run, () => stopping.begin(run, useSignal));
    else stopping.begin(run, useSignal);
  };
  const start: StartPort = {
    nullFd: options.nullFd,
    spare: createSpareRun(kernel, options.keeper, (wanted) => prepareAhead(room, start, wanted)),
    newId: createIdentifiers(),
    sockets: sockets.forRun,
    input: inputs.forRun,
    extras: (spec, run) => {
      forking.prepare(spec);
      return readiness.prepare(spec, run);
    },
    starting: (runs) => {
      persistence.starting(runs);
      keeping.starting(runs);
    },
    born: keeping.born,
    allStarted: () => persistence.allStarted(),
    started: (run) => {
      startedAt.set(run.name, run.startedAtMs);
      persistence.spawned(run);
      readiness.begin(run);
      watchdogs.begin(run);
    },
  };
  const deeds = createCarryOut({
    room,
    start,
    stopping: {
      ...stopping,
      begin: (run, useSignal) => {
        beginStop(run, useSignal);
        forking.abandon(run);
        // Nobody was found yet, so nobody's end will be told. (Not for others: each look costs as much as there are services.)
        if (run.mainPid === 0) reaper.recheck(run);
      },
    },
    readiness,
    deadlines: createDeadlines(options.monotonicMs, (name) =>
      post({ type: "deadlineReached", name }),
    ),
    changed: (name) => {
      tell.changed(name);
      persistence.changed(name);
      keeping.changed(name);
      for (const listener of listeners) listener(name);
    },
    record: () => {
      persistence.record();
      keeping.flush();
    },
    dropped: (name) => {
      hub.forget(name);
      persistence.forget(name);
      keeping.forget(name);
      startedAt.delete(name);
      tell.changed(name);
      for (const listener of listeners) listener(name);
    },
    allDown: () => resolveAllDown(),
    upSinceMs: (name) => {
      const state = engine.snapshot(name)?.state;
      return state?.kind === "up" ? state.sinceMs : options.monotonicMs();
    },
  });

  for (const spec of options.configuration.services)
    hub.configure(loggedService(spec, options.planContext));
  hub.resume();
  return {
    room,
    engine,
    trees,
    reaper,
    stopping,
    readiness: {
      detail: (name) => {
        const detail = readinessReason(engine.snapshot(name), readiness.detail(name));
        return detail === null ? null : secrets.hide(detail);
      },
    },
    allDown,
    configureSockets: sockets.configure,
    keepInputs: inputs.keepOnly,
    secrets,
    restartHealth: (name) => deeds.restartHealth(name),
    healthFailure: (name) => deeds.healthFailure(name),
    lastStartedAtMs: (name) => startedAt.get(name),
    options,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    comeBack: () => {
      const { keeper } = options;
      if (keeper === null) return null;
      const result = comeBack({
        room,
        engine,
        keeper,
        reaper,
        known: tell.know,
        resumed: (run, machine, kept) => {
          startedAt.set(run.name, run.startedAtMs);
          forking.resume(run, {
            moved: machine.moved,
            stopping: machine.state.kind === "stopping",
          });
          readiness.resume(run, kept);
          if (run.mainEnded) return;
          resumeStop(room, run, machine, (stopped) => beginStop(stopped, false));
          watchdogs.begin(run);
        },
      });
      hub.endLeft();
      persistence.cleanLeft();
      adoptions = result?.adopted ?? adoptions;
      if (result !== null) syslog.serve(engine.configuration);
      return result;
    },
    pidfileNote: forking.note,
    adoption: (name) => {
      const adoption = adoptions.get(name);
      return adoption?.run === engine.snapshot(name)?.run ? (adoption?.sentence ?? null) : null;
    },
    syslog,
    listenToKeeper: (signal) => {
      const { keeper } = options;
      if (keeper !== null) listenToKeeper({ room, keeper, reaper, signal });
    },
    adoptSurvivors: (fresh) => {
      const { records } = options;
      keeping.begin([]);
      const ended: Reaper["endedElsewhere"] = (run, status) => reaper.endedElsewhere(run, status);
      const adopted = (run: LiveRun, { ready, stopping: stops, moved }: AdoptedRun): void => {
        startedAt.set(run.name, run.startedAtMs);
        forking.resume(run, { moved, stopping: stops });
        // Its command has ended with the supervisor that ran it.
        if (stops && (run.spec.stop.command ?? null) !== null) stopping.begin(run, false);
        if (stops) return;
        readiness.resume(run, { ready });
        watchdogs.begin(run);
      };
      const result = adoptSurvivors({ room, engine, records, fresh, ended, adopted });
      adoptions = result.sentences;
      // The journal goes on from here; what it told of the time before has been used.
      records?.compact();
      hub.endLeft();
      persistence.cleanLeft();
      syslog.serve(engine.configuration);
      return result;
    },
    killStrangers: () => killStrangers(room, trees),
    postAll,
    close: async () => {
      syslog.close();
      if (engine.shuttingDown) inputs.tellUnread();
      await within(LAST_LINES_MS, hub.flush());
      hub.close();
      inputs.close();
      outputFile?.remove();
      outputFile?.close();
      events.close();
      persistence.close();
      sockets.close();
      start.spare.close();
      keeping.close();
      watch.close();
    },
  };
}
