import { dirname } from "node:path";
import type { ProjectStatus } from "@supervise/model";
import { createClient, type ControlClient } from "@supervise/control";
import { JSON_OUTPUT, optionGiven, QUIET, SOCKET } from "../common-options.js";
import { findSocket } from "../locate.js";
import { CommandError, type Verb } from "../verb.js";
import { findSurvivors } from "../survivors.js";
import { endSurvivors } from "./end-survivors.js";
import { tellOutcomes } from "./act.js";
import { actedAgain, isLoss } from "./asked-again.js";
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
    const directory = dirname(socketPath);
    const client = createClient({ socketPath });
    const now = optionGiven(context.options, "now");
    const project = await projectOf(client);
    if (project === null) {
      const survivors = findSurvivors(directory);
      if (survivors.length > 0) return endSurvivors(context, { directory, survivors, now });
    }
    const keeper = watchKeeper(project?.keeperPid ?? null);
    try {
      const code = await tellOutcomes(context, (signal) =>
        actedAgain(context.io, signal, () => client.shutDown(now, signal)),
      );
      if (code !== 0) return code;
      if (!(await supervisorEnded(socketPath)))
        throw new CommandError("cannot end the supervisor: its services are down, but it lives on");
      await keeper.ended();
      return 0;
    } catch (error) {
      if (!isLoss(error)) throw error;
      // It died on the way, and nobody follows: its keeper has ended everything, or else what it left is ended here.
      await keeper.ended();
      const survivors = findSurvivors(directory);
      return survivors.length > 0 ? endSurvivors(context, { directory, survivors, now }) : 0;
    } finally {
      keeper.close();
    }
  },
};

/** Null: nobody answers, or not with that; what is wrong then shows at the request itself. */
async function projectOf(client: ControlClient): Promise<ProjectStatus | null> {
  try {
    return await client.project();
  } catch {
    return null;
  }
}
