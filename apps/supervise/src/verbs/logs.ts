import type { LogLine } from "@supervise/model";
import { JSON_OUTPUT, optionGiven, optionText, SOCKET } from "../common-options.js";
import { findSupervisor } from "../locate.js";
import { CommandError, EXIT_USAGE } from "../verb.js";
import type { Verb } from "../verb.js";
import { untilInterrupted } from "./interrupt.js";
import { followOverItsEnd } from "./over-its-end.js";
import { createLogText } from "./log-text.js";

export const verb: Verb = {
  name: "logs",
  summary: "show the last lines of services",
  usage: "[NAME...]",
  options: [
    { long: "follow", short: "f", value: null, repeatable: false, help: "go on with new lines" },
    {
      long: "lines",
      short: "n",
      value: "N",
      repeatable: false,
      help: "the last N lines of each service (all that are in memory)",
    },
    {
      long: "no-prefix",
      short: null,
      value: null,
      repeatable: false,
      help: "lines without the service's name",
    },
    SOCKET,
    JSON_OUTPUT,
  ],
  run: async (context) => {
    const { io, options, words } = context;
    const lines = numberOf(optionText(options, "lines"));
    const json = optionGiven(options, "json");
    const client = await findSupervisor(context);
    return untilInterrupted(async (signal) => {
      const names = (await client.services(words)).map(({ name }) => name);
      const text = createLogText({
        width: Math.max(0, ...names.map((name) => name.length)),
        prefix: !optionGiven(options, "no-prefix"),
        terminal: io.outIsTerminal,
      });
      const follow = optionGiven(options, "follow");
      const known = new Map<string, LogLine>();
      let told = new Map<string, LogLine>();
      const open = (again: boolean): AsyncIterable<LogLine> => {
        told = new Map(known);
        return client.logs({ names: words, lines: again ? null : lines, follow }, signal);
      };
      try {
        const all = follow ? followOverItsEnd(io, client, signal, open) : open(false);
        for await (const line of all) {
          if (!isNew(line, told.get(line.service))) continue;
          told.delete(line.service);
          if (follow) known.set(line.service, line);
          if (json) io.out(`${JSON.stringify(line)}\n`);
          else {
            if (line.skipped !== undefined) {
              io.out(text.end());
              io.err(
                `supervise: ${line.skipped} lines were not read in time and are left out here\n`,
              );
            }
            io.out(text.row(line));
          }
        }
      } finally {
        io.out(text.end());
      }
      return 0;
    });
  },
};

/** The next supervisor tells what is in its memory; what was told before is not told again. */
function isNew(line: LogLine, last: LogLine | undefined): boolean {
  return (
    last === undefined || line.time > last.time || (line.time === last.time && line.seq >= last.seq)
  );
}

function numberOf(text: string | null): number | null {
  if (text === null) return null;
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new CommandError(
    `cannot use option "--lines": it must be a whole number, found "${text}"`,
    {
      exitCode: EXIT_USAGE,
    },
  );
}
