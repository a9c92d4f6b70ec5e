import type { ActionMessage, ActionOutcome } from "@supervise/model";
import { optionGiven } from "../common-options.js";
import type { VerbContext } from "../verb.js";
import { abortOnInterrupt } from "./interrupt.js";
import { createProgress } from "./progress.js";

/** Prints what comes of an action, service by service. Returns the exit code: 1 where any outcome is not good, 130 after Ctrl-C. */
export async function tellOutcomes(context: VerbContext, start: (signal: AbortSignal) => AsyncIterable<ActionMessage>): Promise<number> {
  const { io, options } = context;
  const interrupt = abortOnInterrupt();
  const progress = createProgress(io, optionGiven(options, "quiet") || optionGiven(options, "json"));
  const outcomes: ActionOutcome[] = [];
  try {
    for await (const message of start(interrupt.signal)) {
      if (message.type === "progress") progress.moving(message.name, message.state);
      if (message.type !== "outcome") continue;
      progress.settled(message.outcome.name);
      outcomes.push(message.outcome);
      if (!optionGiven(options, "json")) tell(context, message.outcome);
    }
  } finally {
    progress.end();
    interrupt.release();
  }
  if (optionGiven(options, "json")) io.out(`${JSON.stringify({ outcomes })}\n`);
  if (interrupt.signal.aborted) return 130;
  return outcomes.every(({ ok }) => ok) ? 0 : 1;
}

function tell({ io, options }: VerbContext, { name, ok, message }: ActionOutcome): void {
  if (!ok) io.err(`supervise: ${name}: ${message}\n`);
  else if (!optionGiven(options, "quiet")) io.out(`${name}: ${message}\n`);
}
