import { createClient } from "@supervise/control";
import { loadLogReading } from "@supervise/log";
import { openInspectSource } from "@supervise/process";
import { SOCKET } from "../common-options.js";
import { openKernel } from "../kernel.js";
import { isTerminal } from "../is-terminal.js";
import { findSocket } from "../locate.js";
import { CommandError } from "../verb.js";
import type { Verb } from "../verb.js";
import { openLogFiles } from "./dashboard-files.js";
import { variablePlaces } from "./dashboard-places.js";
import { ringRows } from "./log-ring.js";
import { askedFiles, logSources } from "./log-places.js";
import { printable } from "./table.js";

/** Types of terminals that terminfo(5) knows no way to place the cursor of: an editor's shell window, a serial line of which nothing is known. */
const CANNOT_PLACE: ReadonlySet<string> = new Set(["dumb", "unknown"]);
const ELSEWHERE = "supervise status, ps and logs tell the same line by line";

export const verb: Verb = {
  name: "dashboard",
  summary: "show on the whole screen what every process is doing, and act on it",
  usage: "",
  options: [SOCKET],
  run: async (context) => {
    const { io } = context;
    if (!io.outIsTerminal || !isTerminal(0)) {
      throw new CommandError("cannot show the dashboard: input and output must be a terminal", {
        hint: ELSEWHERE,
      });
    }
    const { TERM = "" } = io.environment;
    if (CANNOT_PLACE.has(TERM)) {
      throw new CommandError(
        `cannot show the dashboard: a terminal of type "${TERM}" (TERM) cannot place what is written`,
        { hint: ELSEWHERE },
      );
    }
    const socketPath = await findSocket(context, askWhich);
    const { runDashboard } = await import("@supervise/dashboard");
    const client = createClient({ socketPath });
    return runDashboard({
      client,
      files: openLogFiles(
        await loadLogReading(),
        (names) => logSources(context, client, names),
        (names, lines, signal) => ringRows(client, names, lines, signal),
      ),
      socketPath,
      placesOf: async (service, names) => {
        const found = await askedFiles(context, client);
        return found === null
          ? new Map()
          : variablePlaces(found.loaded, found.files, service, names);
      },
      source: openInspectSource(openKernel()),
      input: process.stdin,
      output: process.stdout,
      environment: io.environment,
      workingDirectory: io.workingDirectory,
    });
  },
};

/** Asks at the terminal. A number or a name is taken; anything else ends the command. */
async function askWhich(sockets: ReadonlyMap<string, string>): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const names = [...sockets.keys()].toSorted();
  const list = names.map((name, index) => `  ${index + 1}  ${printable(name)}\n`).join("");
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const abort = new AbortController();
  lines.once("SIGINT", () => abort.abort());
  lines.once("close", () => abort.abort());
  try {
    const { signal } = abort;
    const answer = (
      await lines.question(`Several projects run:\n${list}Which one? `, { signal })
    ).trim();
    const path = sockets.get(answer) ?? sockets.get(names[Number(answer) - 1] ?? "");
    if (path !== undefined) return path;
    throw new CommandError(`cannot find a project "${printable(answer)}" among those that run`, {
      hint: "choose one by its number or its name, or with --project-name",
    });
  } catch (error) {
    if (!isAbort(error)) throw error;
    throw new CommandError("cannot choose a supervisor: nothing was chosen");
  } finally {
    lines.close();
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
