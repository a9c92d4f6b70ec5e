import type { ServiceAction } from "@supervise/model";
import { findSupervisor } from "../locate.js";
import { CommandError, EXIT_USAGE, type Verb, type VerbContext } from "../verb.js";
import { tellOutcomes } from "./act.js";

const NO_WAIT = { long: "no-wait", short: null, value: null, repeatable: false, help: "return once the request is accepted" } as const;

function actionVerb(action: ServiceAction, summary: string): Verb {
  return {
    name: action,
    summary,
    usage: "NAME...",
    options: [NO_WAIT],
    run: (context) => {
      if (context.words.length === 0) {
        throw new CommandError(`cannot ${action}: no service is named`, { exitCode: EXIT_USAGE, hint: `supervise ${action} '*' means all` });
      }
      return request(context, action, context.words);
    },
  };
}

async function request(context: VerbContext, action: ServiceAction, names: readonly string[], signal?: string): Promise<number> {
  const client = await findSupervisor(context);
  const wait = context.options["no-wait"] === undefined;
  return tellOutcomes(context, (abort) => client.act({ action, names, wait, ...(signal === undefined ? {} : { signal }) }, abort));
}

export const start: Verb = actionVerb("start", "start services and what they depend on");
export const stop: Verb = actionVerb("stop", "stop services; returns when every process of theirs is gone");
export const restart: Verb = actionVerb("restart", "stop services and start them again");

export const signal: Verb = {
  name: "signal",
  summary: "send a signal to the main process of services",
  usage: "SIGNAL NAME...",
  options: [],
  run: (context) => {
    const [name, ...names] = context.words;
    if (name === undefined || names.length === 0) throw new CommandError("cannot signal: a signal and a service must be named", { exitCode: EXIT_USAGE });
    return request(context, "signal", names, name);
  },
};

export const reloadServices = (context: VerbContext): Promise<number> => request(context, "reload", context.words);
