import { loadLogReading } from "@supervise/log";
import type { LogReading, LogRow } from "@supervise/log";
import { JSON_OUTPUT, optionGiven, SOCKET } from "../common-options.js";
import { CommandError } from "../verb.js";
import type { OptionSpec, Verb, VerbContext } from "../verb.js";
import { untilInterrupted } from "./interrupt.js";
import { followAll } from "./log-follow.js";
import { createOutput } from "./log-output.js";
import { findPlaces } from "./log-places.js";
import type { LogPlaces } from "./log-places.js";
import { readAsk } from "./log-query.js";
import type { LogAsk } from "./log-query.js";
import { createChoice, memoryRows, openReadings } from "./log-rows.js";
import { verifyLogs } from "./log-verify.js";
import { rotateLogs } from "./service-actions.js";

const flag = (long: string, short: string | null, help: string): OptionSpec => ({
  long,
  short,
  value: null,
  repeatable: false,
  help,
});
const valued = (long: string, short: string | null, value: string, help: string): OptionSpec => ({
  long,
  short,
  value,
  repeatable: false,
  help,
});

export const verb: Verb = {
  name: "logs",
  summary: "show what services wrote",
  usage: "[NAME...]",
  options: [
    flag("follow", "f", "go on with new lines"),
    valued("lines", "n", "N", "the last N lines of each service (all)"),
    valued("since", null, "TIME", "from this time on: 10m (ago), 03:04, 2026-01-02, or both"),
    valued("until", null, "TIME", "up to this time"),
    valued("grep", null, "REGEX", "only lines that match this regular expression"),
    flag("ignore-case", "i", "capitals or not make no difference to --grep"),
    flag("invert-match", "v", "only lines that do not match --grep"),
    valued("level", null, "LEVEL", "only lines that are at least so grave, such as warning"),
    {
      long: "stream",
      short: null,
      value: "STREAM",
      repeatable: true,
      help: "only lines of stdout, stderr or syslog",
    },
    valued("run", null, "N", "only the run with this number"),
    flag("previous", null, "only the run before the newest"),
    flag("timestamps", "t", "the time before each line"),
    valued("fold", null, "WHEN", "JSON lines made readable: always, never or auto (at a terminal)"),
    flag("no-prefix", null, "lines alone, without the service's name and what happened to it"),
    flag("verify", null, "prove from their numbers that no line is missing, double or torn"),
    flag("rotate", null, "change the log files for new ones now, and show nothing"),
    SOCKET,
    JSON_OUTPUT,
  ],
  run: async (context) => {
    if (optionGiven(context.options, "rotate")) return rotateLogs(context);
    const reading = await loadLogReading();
    const ask = readAsk(context.options, reading, Date.now());
    const found = await findPlaces(context);
    if (optionGiven(context.options, "verify")) {
      const json = optionGiven(context.options, "json");
      return verifyLogs(context.io, found, reading, context.words, json);
    }
    // What has no file is in the memory of a supervisor only.
    if (found.silence !== null && found.places.every(({ source }) => source === null))
      throw found.silence;
    const work = (signal: AbortSignal): Promise<number> =>
      show(context, found, ask, reading, signal);
    // A mere reading is ended by Ctrl-C as any program is: there is nothing to be undone.
    return ask.follow ? untilInterrupted(work) : work(new AbortController().signal);
  },
};

async function show(
  context: VerbContext,
  found: LogPlaces,
  ask: LogAsk,
  reading: LogReading,
  signal: AbortSignal,
): Promise<number> {
  const { io } = context;
  const output = createOutput(context, found, reading);
  let code = 0;
  const onProblem = (message: string): void => {
    code = 1;
    io.err(`supervise: ${message}\n`);
  };
  const readings = openReadings(reading, found.places, ask, onProblem);
  const chosen = createChoice(ask);
  const print = (rows: readonly LogRow[]): void =>
    output.rows(
      rows,
      chosen,
      (name) => readings.find(({ source }) => source.service === name)?.run ?? null,
    );
  try {
    tellMissing(context, found);
    const memory = await memoryRows(found, readings, ask, signal);
    for (const one of readings) one.leaveRoom(memory.beyond.get(one.source.service) ?? 0);
    const sources = [...readings.map((one) => one.rows()), once(memory.rows)];
    for await (const rows of reading.mergeRows(sources)) {
      print(rows);
      if (signal.aborted) return code;
    }
    if (!ask.follow) return code;
    const followed = readings.map((one) => ({ source: one.source, at: one.take() }));
    const { told } = memory;
    const task = { io, found, reading, followed, told, lines: ask.lines, onProblem, signal };
    for await (const rows of followAll(task)) print(rows);
    return code;
  } catch (error) {
    if (error instanceof reading.LogFileError)
      throw new CommandError(error.message, { cause: error });
    throw error;
  } finally {
    output.end();
    for (const one of readings) one.close();
  }
}

/** Says which services nothing can be shown of, as their lines are in no file and nobody has them in memory. */
function tellMissing({ io }: VerbContext, { places, silence }: LogPlaces): void {
  if (silence === null) return;
  const names = places.filter(({ source }) => source === null).map(({ name }) => `"${name}"`);
  if (names.length === 0) return;
  const which = `${names.length === 1 ? "service" : "services"} ${names.join(", ")}`;
  io.err(
    `supervise: no supervisor runs, and there is no log file of ${which}: nothing of it is shown\n`,
  );
}

async function* once(rows: readonly LogRow[]): AsyncGenerator<readonly LogRow[]> {
  if (rows.length > 0) yield rows;
}
