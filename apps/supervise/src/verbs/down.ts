import { dirname } from "node:path";
import type { ProjectStatus } from "@supervise/model";
import { createClient, type ControlClient } from "@supervise/control";
import { JSON_OUTPUT, optionGiven, QUIET, SOCKET } from "../common-options.js";
import { findSocket } from "../locate.js";
import { CommandError, type Verb } from "../verb.js";
import { findSurvivors } from "../survivors.js";
import { endSurvivors } from "./end-survivors.js";
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
    const project = await projectOf(client);
    if (project === null) {
      const directory = dirname(socketPath);
      const survivors = findSurvivors(directory);
      if (survivors.length > 0) return endSurvivors(context, { directory, survivors, now });
    }
    const keeper = watchKeeper(project?.keeperPid ?? null);
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

/** Null: nobody answers, or not with that; what is wrong then shows at the request itself. */
async function projectOf(client: ControlClient): Promise<ProjectStatus | null> {
  try {
    return await client.project();
  } catch {
    return null;
  }
}
