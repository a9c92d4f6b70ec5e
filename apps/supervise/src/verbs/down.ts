import { createClient, type ControlClient } from "@supervise/control";
import { JSON_OUTPUT, optionGiven, QUIET, SOCKET } from "../common-options.js";
import { findSocket } from "../locate.js";
import { CommandError, type Verb } from "../verb.js";
import { tellOutcomes } from "./act.js";
import { supervisorEnded, watchKeeper } from "./supervisor-end.js";

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
    const socketPath = await findSocket(context);
    const client = createClient({ socketPath });
    const now = optionGiven(context.options, "now");
    const keeper = watchKeeper(await keeperOf(client));
    try {
      const code = await tellOutcomes(context, (signal) => client.shutDown(now, signal));
      if (code !== 0) return code;
      if (!(await supervisorEnded(socketPath)))
        throw new CommandError("cannot end the supervisor: its services are down, but it lives on");
      await keeper.ended();
      return 0;
    } finally {
      keeper.close();
    }
  },
};

/** Null: there is none, or who answers does not tell; what is wrong then shows at the request itself. */
async function keeperOf(client: ControlClient): Promise<number | null> {
  try {
    return (await client.project()).keeperPid ?? null;
  } catch {
    return null;
  }
}
