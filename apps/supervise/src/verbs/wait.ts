import { ControlError, createClient } from "@supervise/control";
import type { ControlClient } from "@supervise/control";
import type { ServiceStatus } from "@supervise/model";
import { JSON_OUTPUT, optionGiven, optionText, QUIET, SOCKET } from "../common-options.js";
import { durationOption } from "../duration-option.js";
import { findSupervisor, socketPlaces } from "../locate.js";
import { CommandError, EXIT_USAGE } from "../verb.js";
import type { OptionValues, Verb, VerbContext } from "../verb.js";
import { askedAgain } from "./asked-again.js";
import { untilInterrupted } from "./interrupt.js";
import { mergeNews } from "./news.js";
import type { News } from "./news.js";
import { firstToAnswer } from "./supervisor-to-come.js";
import { printable } from "./table.js";
import { GOALS, judge } from "./wait-goal.js";
import type { Goal, Verdict } from "./wait-goal.js";

/** Codes of a supervisor that is no longer there. */
const GONE: ReadonlySet<string> = new Set(["connection-lost", "not-running"]);

export const verb: Verb = {
  name: "wait",
  summary: "wait until services are ready, or up, healthy, down or done",
  usage: "[NAME...]",
  options: [
    {
      long: "for",
      short: null,
      value: GOALS.join("|"),
      repeatable: false,
      help: "what to wait for (ready)",
    },
    ...GOALS.map((goal) => ({
      long: goal,
      short: null,
      value: null,
      repeatable: false,
      help: `the same as --for ${goal}`,
    })),
    {
      long: "timeout",
      short: "t",
      value: "DURATION",
      repeatable: false,
      help: "give up after this, such as 30s; so long also wait for the supervisor itself (never)",
    },
    SOCKET,
    JSON_OUTPUT,
    QUIET,
  ],
  run: async (context) => {
    const goal = goalOf(context.options);
    const limitMs = durationOption(context.options, "timeout");
    const client = await findSupervisor(context);
    return untilInterrupted(async (interrupted) => {
      const late = new AbortController();
      const timer = limitMs === null ? null : setTimeout(() => late.abort(), limitMs);
      const stop = AbortSignal.any([interrupted, late.signal]);
      try {
        const look = (at: ControlClient): Promise<Result> =>
          askedAgain(context.io, () => waitFor(at, context.words, goal, stop));
        // Who waits for the end of what may be over already does not wait for it to begin.
        const mayCome = limitMs !== null && goal !== "down";
        const result = await look(client).catch((error: unknown) => {
          if (mayCome && isNotRunning(error)) return whenThere(context, stop, look);
          throw error;
        });
        return tell(context, goal, result);
      } finally {
        if (timer !== null) clearTimeout(timer);
      }
    });
  },
};

interface Result {
  readonly verdict: Verdict;
  /** As they were at the last look. */
  readonly services: readonly ServiceStatus[];
}

/** No supervisor came in time. */
const NOBODY: Result = { verdict: "not yet", services: [] };

/** Waits for the supervisor first. */
async function whenThere(
  context: VerbContext,
  stop: AbortSignal,
  look: (client: ControlClient) => Promise<Result>,
): Promise<Result> {
  const places = await socketPlaces(context);
  const socketPath = places === null ? null : await firstToAnswer(places, stop);
  return socketPath === null ? NOBODY : look(createClient({ socketPath }));
}

function isNotRunning(error: unknown): boolean {
  return error instanceof ControlError && error.code === "not-running";
}

/**
 * Looks, and looks again after each event. Events are asked for from a number that was read before the first look, so that none is missed
 * between the two. "not yet": `stop` was aborted.
 */
async function waitFor(
  client: ControlClient,
  names: readonly string[],
  goal: Goal,
  stop: AbortSignal,
): Promise<Result> {
  const ended = new AbortController();
  const signal = AbortSignal.any([stop, ended.signal]);
  let services: readonly ServiceStatus[] = [];
  try {
    let after = 0;
    for await (const { seq } of client.events({ after: 0, follow: false }, signal)) after = seq;
    const news = mergeNews(client.events({ after, follow: true }, signal));
    for (;;) {
      const seen = await lookUnlessEnded(() => client.services(names, signal), news);
      if (stop.aborted) return { verdict: "not yet", services };
      // The supervisor ends when everything is down.
      if (seen === null) return { verdict: goal === "down" ? "reached" : "never", services };
      services = seen;
      const verdicts = services.map((status) => judge(status, goal));
      if (verdicts.includes("never")) return { verdict: "never", services };
      if (!verdicts.includes("not yet")) return { verdict: "reached", services };
      await news.next();
    }
  } catch (error) {
    if (stop.aborted) return { verdict: "not yet", services };
    throw error;
  } finally {
    ended.abort();
  }
}

/** Null: the supervisor has ended, and has ended its streams before; one that was killed breaks them, which is an error. */
async function lookUnlessEnded<T>(look: () => Promise<T>, news: News): Promise<T | null> {
  if (news.ended) return null;
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof ControlError) || !GONE.has(error.code)) throw error;
    while (await news.next());
    return null;
  }
}

/** As a program reads it. */
const OUTCOMES: Readonly<Record<Verdict, string>> = {
  reached: "reached",
  never: "failed",
  "not yet": "timeout",
};

/** Returns the exit code. */
function tell({ io, options }: VerbContext, goal: Goal, result: Result): number {
  const { verdict, services } = result;
  const reached = verdict === "reached";
  if (optionGiven(options, "json")) {
    io.out(`${JSON.stringify({ goal, reached, outcome: OUTCOMES[verdict], services })}\n`);
    return reached ? 0 : 1;
  }
  if (reached) {
    // None: the supervisor had ended before the first look.
    const names = services.length === 0 ? "all" : services.map(({ name }) => name).join(", ");
    if (!optionGiven(options, "quiet")) io.out(`${names}: ${goal}\n`);
    return 0;
  }
  const why = verdict === "never" ? `cannot become ${goal} any more` : `is not ${goal} in time`;
  const open = services.filter((status) => judge(status, goal) === verdict);
  for (const { name, state, reason } of open) {
    io.err(`supervise: service "${name}" ${why}: it is ${state}: ${printable(reason)}\n`);
  }
  if (open.length === 0) {
    const late = result === NOBODY ? "no supervisor has come" : "the supervisor did not answer";
    const who = verdict === "never" ? "the supervisor has ended" : `${late} in time`;
    io.err(`supervise: cannot wait for "${goal}": ${who}\n`);
  }
  return 1;
}

/** Of `--for`, or of the one switch that was given. */
function goalOf(options: OptionValues): Goal {
  const text = optionText(options, "for");
  const given = GOALS.filter((one) => one === text || optionGiven(options, one));
  const [goal, other] = given;
  if (text !== null && !GOALS.some((one) => one === text))
    throw new CommandError(
      `cannot use option "--for": it must be one of ${GOALS.join(", ")}, found "${text}"`,
      { exitCode: EXIT_USAGE },
    );
  if (other !== undefined)
    throw new CommandError(`cannot wait for both "${goal}" and "${other}"`, {
      exitCode: EXIT_USAGE,
      hint: "healthy is more than ready, and ready is more than up",
    });
  return goal ?? "ready";
}
