import { resolve } from "node:path";
import type { Configuration } from "@supervise/model";
import { matchNames, UnknownServiceError } from "@supervise/model";
import type { Kernel } from "@supervise/sys";
import { optionGiven, optionText } from "../common-options.js";
import { filesToReload, loadAsked, loadOrTell } from "../configuration.js";
import { openKernel } from "../kernel.js";
import { CommandError, EXIT_CONFIGURATION, type Verb, type VerbContext } from "../verb.js";
import { becomeInit } from "./become-init.js";
import { findInit, INIT_VARIABLE, whereInit } from "./init-place.js";
import {
  decodeEnvironment,
  depositConfiguration,
  KEEPER_VARIABLE,
  keptWork,
  type KeptWork,
} from "./keeper.js";
import { durationOption } from "../duration-option.js";
import { readHealthPlace, type HealthPlace } from "./health-port.js";
import { readExitWith } from "./exit-policy.js";
import { detach, START_REPORT_VARIABLE, startReport } from "./detach.js";
import { runForeground, type Ending } from "./foreground.js";
import { openScreenOn, screenFits } from "./screen/screen-opening.js";
import { serve } from "./serve.js";
import { UP_OPTIONS, upWords } from "./options.js";
import { terminationLogPath, writeTerminationLog } from "./termination-log.js";

/** `supervise up`: the supervisor itself. */
export const verb: Verb = {
  name: "up",
  summary: "start the services and stand by them",
  usage: "[NAME...]",
  options: UP_OPTIONS,
  run: async (given) => {
    const kernel = openKernel();
    const asked = askedOf(given);
    if (process.pid === 1) standAboveIfWeCan(given, kernel);
    const work = await keptWork(kernel, given.io.environment, given.version);
    try {
      return await runUp(given, kernel, work, asked);
    } catch (error) {
      if (error instanceof CommandError) logFault(given, work, error.message);
      throw error;
    } finally {
      // Watched for longer, the socket would hold a process that has nothing left to do.
      work?.keeper.close();
    }
  },
};

interface Asked {
  readonly graceMs: number | null;
  readonly hangAfterMs: number | null;
  readonly health: HealthPlace | null;
}

function askedOf({ options }: VerbContext): Asked {
  return {
    graceMs: durationOption(options, "grace"),
    hangAfterMs: durationOption(options, "hang-after"),
    health: readHealthPlace(optionText(options, "health-listen")),
  };
}

async function runUp(
  given: VerbContext,
  kernel: Kernel,
  work: KeptWork | null,
  { graceMs, hangAfterMs, health }: Asked,
): Promise<number> {
  const { options } = given;
  const inherited = work?.environment ?? null;
  const environment = inherited === null ? given.io.environment : decodeEnvironment(inherited);
  const io = { ...given.io, environment };
  const context = { ...given, io };
  const report = startReport(given.io.environment);
  const mistakes: string[] = [];
  const err = (text: string): void => {
    mistakes.push(text);
    io.err(text);
  };
  const configuration =
    work?.applied?.configuration ?? (await loadOrTell({ ...context, io: { ...io, err } }));
  if (configuration === null) {
    logFault(
      context,
      work,
      mistakes
        .join("")
        .replaceAll(/^supervise: /gm, "")
        .trimEnd(),
    );
    report?.refused({ message: "the configuration has mistakes", hint: null });
    return EXIT_CONFIGURATION;
  }
  const files = filesToReload(context);
  const names = namesOf(context, configuration);
  const usual = report === null ? "all" : "never";
  const exitWith = readExitWith(optionText(options, "exit-with"), usual, configuration);
  const requested = optionText(options, "runtime-dir");
  const requestedDirectory = requested === null ? null : resolve(io.workingDirectory, requested);
  if (work === null && report === null && optionGiven(options, "detach"))
    return detach(context, kernel, configuration.name, requestedDirectory);
  const terminationLog = logPath(context, work === null && process.pid !== 1);
  // Not to hold whatever is mounted where it was started. Under the init the next one starts from there again.
  if (report !== null && work === null) process.chdir("/");
  // No service may take the report for its own.
  delete process.env[START_REPORT_VARIABLE];
  if (work !== null && work.applied === null)
    depositConfiguration(
      kernel,
      work.keeper,
      { configuration, generation: 1, restart: [] },
      context.version,
    );
  const shown = !optionGiven(options, "quiet") && report === null;
  const withScreen =
    shown && work === null && !optionGiven(options, "plain") && screenFits(kernel, environment);
  const result = await runForeground({
    kernel,
    configuration,
    files: files.map((file) => resolve(io.workingDirectory, file)),
    load: (asked) => loadAsked(context, files, asked),
    survivors: optionGiven(options, "fresh") ? "stop first" : "take over",
    atOnce: false,
    names,
    requestedDirectory,
    environment: io.environment,
    version: context.version,
    outputFd: shown ? 1 : null,
    exitWith,
    graceMs,
    hangAfterMs,
    health,
    terminationLog,
    work,
    serve: (session, directory) => serve(kernel, session, directory, work?.keeper ?? null),
    develops: work === null && report === null && process.pid !== 1,
    openScreen: async (session, colour) => {
      if (!withScreen) return () => undefined;
      try {
        const screen = await openScreenOn(kernel, session, colour);
        return () => screen?.close();
      } catch (error) {
        // The services do not depend on it.
        session.core.room.warn(null, `Cannot open the screen: ${String(error)}`);
        return () => undefined;
      }
    },
    onStarted: (session) =>
      report?.started(session, names ?? configuration.services.map(({ name }) => name)),
  });
  if ("exitCode" in result) return tellEnd(context, result, terminationLog);
  report?.refused(result);
  throw new CommandError(result.message, { hint: result.hint });
}

/** Tells the reason where the keeper does not, and nobody has asked for the end. Returns the exit code. */
function tellEnd({ io, options }: VerbContext, end: Ending, log: string): number {
  const { exitCode, reason, asked, toKeeper } = end;
  if (toKeeper) return exitCode;
  const quiet = optionGiven(options, "quiet") && exitCode === 0;
  if (!asked && !quiet) io.err(`supervise: ${reason}\n`);
  const problem = log === "" ? null : writeTerminationLog(log, reason);
  if (problem !== null) io.err(`supervise: ${problem}\n`);
  return exitCode;
}

/** Why it could not even begin, where whoever reads the termination log sees no stderr; the keeper, which ends with us, has no words for it. */
function logFault(context: VerbContext, work: KeptWork | null, reason: string): void {
  const log = logPath(context, work === null && process.pid !== 1);
  const problem = log === "" ? null : writeTerminationLog(log, reason);
  if (problem !== null) context.io.err(`supervise: ${problem}\n`);
}

function logPath({ io, options }: VerbContext, alone: boolean): string {
  const named = optionText(options, "termination-log");
  return terminationLogPath(named === null ? null : resolve(io.workingDirectory, named), alone);
}

/** PID 1 must not die: the init takes our place, and starts us below itself. Where there is none, we do what we can. */
function standAboveIfWeCan(context: VerbContext, kernel: Kernel): void {
  const { environment, err } = context.io;
  if (environment[KEEPER_VARIABLE] !== undefined || optionGiven(context.options, "detach")) return;
  if (findInit(environment) !== null) becomeInit(kernel, environment, ["up", ...upWords(context)]);
  if (environment[INIT_VARIABLE] !== "")
    err(`supervise: ${whereInit(environment)}: if the supervisor dies, all ends with it\n`);
}

/** Null: all services. */
function namesOf({ words }: VerbContext, configuration: Configuration): readonly string[] | null {
  if (words.length === 0) return null;
  try {
    return matchNames(words, configuration.services);
  } catch (error) {
    if (error instanceof UnknownServiceError)
      throw new CommandError(error.message, { hint: error.hint, cause: error });
    throw error;
  }
}
