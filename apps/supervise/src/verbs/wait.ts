import type { ServiceStatus } from "@supervise/model";
import { optionGiven, optionText } from "../common-options.js";
import { findSupervisor } from "../locate.js";
import { CommandError, EXIT_USAGE, type Verb } from "../verb.js";
import { abortOnInterrupt } from "./interrupt.js";

type Goal = "up" | "ready" | "healthy" | "down" | "done";
type Verdict = "reached" | "never" | "not yet";

const GOALS: readonly Goal[] = ["up", "ready", "healthy", "down", "done"];
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

export const verb: Verb = {
  name: "wait",
  summary: "wait until services are ready, or up, healthy, down or done",
  usage: "[NAME...]",
  options: [
    { long: "for", short: null, value: "GOAL", repeatable: false, help: `what to wait for: ${GOALS.join(", ")} (ready)` },
    { long: "timeout", short: "t", value: "DURATION", repeatable: false, help: "give up after this, such as 30s (never)" },
  ],
  run: async (context) => {
    const { io, options, words } = context;
    const goal = goalOf(optionText(options, "for"));
    const limitMs = durationOf(optionText(options, "timeout"));
    const client = await findSupervisor(context);
    const interrupt = abortOnInterrupt();
    let late = false;
    const stop = new AbortController();
    const timer = limitMs === null ? null : setTimeout(() => {
      late = true;
      stop.abort();
    }, limitMs);
    interrupt.signal.addEventListener("abort", () => stop.abort());
    try {
      // Each event is a reason to look again. They are followed from before the first look, so that none is missed between the two.
      let after = 0;
      for await (const { seq } of client.events({ after: 0, follow: false }, stop.signal)) after = seq;
      const events = client.events({ after, follow: true }, stop.signal)[Symbol.asyncIterator]();
      for (;;) {
        const services = await client.services(words);
        const open = services.filter((status) => judge(status, goal) === "not yet");
        const never = services.filter((status) => judge(status, goal) === "never");
        for (const { name, reason, state } of never) io.err(`supervise: ${name} is ${state}: ${reason}\n`);
        if (never.length > 0) return 1;
        if (open.length === 0) {
          if (!optionGiven(options, "quiet")) io.out(`${services.map(({ name }) => name).join(", ")}: ${goal}\n`);
          return 0;
        }
        await events.next();
        if (interrupt.signal.aborted) return 130;
        if (late) {
          for (const { name, state, reason } of open) io.err(`supervise: ${name} is not ${goal} in time: it is ${state}: ${reason}\n`);
          return 1;
        }
      }
    } finally {
      if (timer !== null) clearTimeout(timer);
      stop.abort();
      interrupt.release();
    }
  },
};

function judge({ state, ready, health, type }: ServiceStatus, goal: Goal): Verdict {
  const over = state === "failed" || (state === "done" && type === "oneshot");
  switch (goal) {
    case "up":
      return state === "up" || state === "done" ? "reached" : state === "failed" ? "never" : "not yet";
    case "ready":
      return ready || state === "done" ? "reached" : state === "failed" ? "never" : "not yet";
    case "healthy":
      return health === "healthy" || (health === "none" && ready) ? "reached" : over ? "never" : "not yet";
    case "down":
      return state === "down" || state === "failed" || state === "done" ? "reached" : "not yet";
    case "done":
      return state === "done" ? "reached" : state === "failed" ? "never" : "not yet";
  }
}

function goalOf(text: string | null): Goal {
  const goal = GOALS.find((one) => one === (text ?? "ready"));
  if (goal === undefined) throw new CommandError(`cannot use option "--for": it must be one of ${GOALS.join(", ")}, found "${text}"`, { exitCode: EXIT_USAGE });
  return goal;
}

function durationOf(text: string | null): number | null {
  if (text === null) return null;
  const found = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)$/.exec(text);
  const unit = UNITS[found?.[2] ?? ""];
  if (found === null || unit === undefined) {
    throw new CommandError(`cannot use option "--timeout": it must be a duration such as 30s, found "${text}"`, { exitCode: EXIT_USAGE });
  }
  return Number(found[1]) * unit;
}
