import { createClient } from "@supervise/control";
import { openInspectSource } from "@supervise/process";
import { SOCKET } from "../common-options.js";
import { openKernel } from "../kernel.js";
import { isTerminal } from "../is-terminal.js";
import { findSocket } from "../locate.js";
import { CommandError } from "../verb.js";
import type { Verb } from "../verb.js";

export const verb: Verb = {
  name: "dashboard",
  summary: "show on the whole screen what every process is doing, and act on it",
  usage: "",
  options: [SOCKET],
  run: async (context) => {
    const { io } = context;
    if (!io.outIsTerminal || !isTerminal(0)) {
      throw new CommandError("cannot show the dashboard: input and output must be a terminal", {
        hint: "supervise status, ps and logs tell the same to a program",
      });
    }
    const socketPath = await findSocket(context);
    const { runDashboard } = await import("@supervise/dashboard");
    return runDashboard({
      client: createClient({ socketPath }),
      socketPath,
      source: openInspectSource(openKernel()),
      input: process.stdin,
      output: process.stdout,
      environment: io.environment,
      workingDirectory: io.workingDirectory,
    });
  },
};
