import { JSON_OUTPUT, optionGiven, QUIET, SOCKET } from "../common-options.js";
import { findSupervisor } from "../locate.js";
import type { Verb } from "../verb.js";
import { tellOutcomes } from "./act.js";

export const verb: Verb = {
  name: "down",
  summary: "stop everything in order, and end the supervisor",
  usage: "",
  options: [
    {
      long: "now",
      short: null,
      value: null,
      repeatable: false,
      help: "at once: SIGKILL to everything",
    },
    SOCKET,
    JSON_OUTPUT,
    QUIET,
  ],
  run: async (context) => {
    const client = await findSupervisor(context);
    const now = optionGiven(context.options, "now");
    return tellOutcomes(context, (signal) => client.shutDown(now, signal));
  },
};
