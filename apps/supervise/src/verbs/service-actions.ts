import type { ServiceAction } from "@supervise/model";
import { JSON_OUTPUT, optionGiven, QUIET, SOCKET } from "../common-options.js";
import { findSupervisor } from "../locate.js";
import { CommandError, EXIT_USAGE } from "../verb.js";
import type { OptionSpec, Verb, VerbContext } from "../verb.js";
import { tellOutcomes } from "./act.js";
import { act } from "./asked-again.js";

const NO_WAIT: OptionSpec = {
  long: "no-wait",
  short: null,
  value: null,
  repeatable: false,
  help: "return once the request is accepted",
};

function actionVerb(action: "start" | "stop" | "restart", summary: string): Verb {
  return {
    name: action,
    summary,
    usage: "NAME...",
    options: [NO_WAIT, SOCKET, JSON_OUTPUT, QUIET],
    run: (context) => {
      if (context.words.length > 0) return request(context, action, context.words);
      throw new CommandError(`cannot ${action}: no service is named`, {
        exitCode: EXIT_USAGE,
        hint: `supervise ${action} '*' means all`,
      });
    },
  };
}

async function request(
  context: VerbContext,
  action: ServiceAction,
  names: readonly string[],
  signalName?: string,
): Promise<number> {
  const client = await findSupervisor(context);
  const wait = !optionGiven(context.options, "no-wait");
  const asked = {
    action,
    names,
    wait,
    ...(signalName === undefined ? {} : { signal: signalName }),
  };
  return tellOutcomes(context, (abort) => act(context.io, client, asked, abort));
}

export const start: Verb = actionVerb("start", "start services and what they depend on");
export const stop: Verb = actionVerb(
  "stop",
  "stop services; returns when every process of theirs is gone",
);
export const restart: Verb = actionVerb("restart", "stop services and start them again");

export const signal: Verb = {
  name: "signal",
  summary: "send a signal to the main process of services",
  usage: "SIGNAL NAME...",
  options: [SOCKET, JSON_OUTPUT, QUIET],
  run: (context) => {
    const [name, ...names] = context.words;
    if (name !== undefined && names.length > 0) return request(context, "signal", names, name);
    throw new CommandError("cannot signal: a signal and a service must be named", {
      exitCode: EXIT_USAGE,
      hint: "supervise signal USR1 web",
    });
  },
};

/** Changes the log files of services for new ones. */
export const rotateLogs = (context: VerbContext): Promise<number> =>
  request(context, "rotate", context.words);

/** Tells services that were named to reload what they have read themselves. */
export const reloadServices = (context: VerbContext): Promise<number> =>
  request(context, "reload", context.words);
