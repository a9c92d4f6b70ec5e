import type { ReloadResult } from "@supervise/model";
import { JSON_OUTPUT, optionGiven, QUIET, SOCKET } from "../common-options.js";
import { findSupervisor } from "../locate.js";
import { CommandError, EXIT_CONFIGURATION, EXIT_USAGE } from "../verb.js";
import type { Verb } from "../verb.js";
import { askedAgain } from "./asked-again.js";
import { tellReload } from "./reload.js";

/** More than so many replicas no configuration may have. */
const MOST = 10_000;

export const verb: Verb = {
  name: "scale",
  summary: "run so many replicas of a service",
  usage: "NAME=N...",
  options: [SOCKET, JSON_OUTPUT, QUIET],
  run: async (context) => {
    const counts = readCounts(context.words);
    const client = await findSupervisor(context);
    const result: ReloadResult = await askedAgain(context.io, () => client.scale(counts));
    if (optionGiven(context.options, "json")) context.io.out(`${JSON.stringify(result)}\n`);
    else tellReload(context, result);
    return result.applied ? 0 : EXIT_CONFIGURATION;
  },
};

function readCounts(words: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const word of words) {
    const [, name = "", number = ""] = /^([^=]+)=([0-9]{1,5})$/.exec(word) ?? [];
    if (name === "" || Number(number) > MOST)
      throw refused(`it must be NAME=N with N from 0 to ${MOST}, found "${word}"`);
    if (counts.has(name)) throw refused(`"${name}" is named twice`);
    counts.set(name, Number(number));
  }
  if (counts.size === 0) throw refused("none is named");
  return Object.fromEntries(counts);
}

function refused(why: string): CommandError {
  return new CommandError(`cannot scale a service: ${why}`, {
    exitCode: EXIT_USAGE,
    hint: "supervise scale web=3",
  });
}
