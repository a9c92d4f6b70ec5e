import { ControlError } from "@supervise/control";
import type { ControlClient } from "@supervise/control";
import type { ServiceStatus } from "@supervise/model";
import { JSON_OUTPUT, optionGiven, optionText, QUIET, SOCKET } from "../common-options.js";
import { durationOption } from "../duration-option.js";
import { findSupervisor } from "../locate.js";
import { CommandError, EXIT_USAGE } from "../verb.js";
import type { Verb, VerbContext } from "../verb.js";
import { untilInterrupted } from "./interrupt.js";
import { mergeNews } from "./news.js";
import type { News } from "./news.js";
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
    {
      long: "timeout",
      short: "t",
      value: "DURATION",
      repeatable: false,
      help: "give up after this, such as 30s (never)",
    },
    SOCKET,
    JSON_OUTPUT,
    QUIET,
  ],
  run: async (context) => {
    const goal = goalOf(optionText(context.options, "for"));
    const limitMs = durationOption(context.options, "timeout");
    const client = await findSupervisor(context);
    return untilInterrupted(async (interrupted) => {
      const late = new AbortController();
      const timer = limitMs === null ? null : setTimeout(() => late.abort(), limitMs);
      const stop = AbortSignal.any([interrupted, late.signal]);
      try {
        return tell(context, goal, await waitFor(client, context.words, goal, stop));
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

/** Returns the exit code. */
function tell({ io, options }: VerbContext, goal: Goal, { verdict, services }: Result): number {
  const reached = verdict === "reached";
  if (optionGiven(options, "json")) {
    io.out(`${JSON.stringify({ goal, reached, services })}\n`);
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
    const who =
      verdict === "never" ? "the supervisor has ended" : "the supervisor did not answer in time";
    io.err(`supervise: cannot wait for "${goal}": ${who}\n`);
  }
  return 1;
}

function goalOf(text: string | null): Goal {
  const goal = GOALS.find((one) => one === (text ?? "ready"));
  if (goal !== undefined) return goal;
  throw new CommandError(
    `cannot use option "--for": it must be one of ${GOALS.join(", ")}, found "${text}"`,
    { exitCode: EXIT_USAGE },
  );
}
