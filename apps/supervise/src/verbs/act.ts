import type { ActionMessage, ActionOutcome } from "@supervise/model";
import { optionGiven } from "../common-options.js";
import type { VerbContext } from "../verb.js";
import { untilInterrupted } from "./interrupt.js";
import { createProgress } from "./progress.js";
import { printable } from "./table.js";

/**
 * Prints what comes of an action, service by service. Returns the exit code: 1 where any outcome is not good, 128+n after Ctrl-C, which
 * ends the waiting but not the action.
 */
export function tellOutcomes(
  context: VerbContext,
  start: (signal: AbortSignal) => AsyncIterable<ActionMessage>,
): Promise<number> {
  const { io, options } = context;
  const json = optionGiven(options, "json");
  return untilInterrupted(async (signal) => {
    const progress = createProgress(io, json || optionGiven(options, "quiet"));
    const outcomes: ActionOutcome[] = [];
    try {
      for await (const message of start(signal)) {
        if (message.type === "progress") progress.moving(message.name, message.state);
        if (message.type !== "outcome") continue;
        progress.settled(message.outcome.name);
        outcomes.push(message.outcome);
        if (!json) tell(context, message.outcome);
      }
    } finally {
      progress.end();
    }
    if (json) io.out(`${JSON.stringify({ outcomes })}\n`);
    return outcomes.every(({ ok }) => ok) ? 0 : 1;
  });
}

function tell({ io, options }: VerbContext, { name, ok, message }: ActionOutcome): void {
  if (!ok) io.err(`supervise: ${name}: ${printable(message)}\n`);
  else if (!optionGiven(options, "quiet")) io.out(`${name}: ${printable(message)}\n`);
}
