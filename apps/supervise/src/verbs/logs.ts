import type { LogLine } from "@supervise/model";
import { optionGiven, optionText } from "../common-options.js";
import { findSupervisor } from "../locate.js";
import { CommandError, EXIT_USAGE, type Verb } from "../verb.js";
import { abortOnInterrupt } from "./interrupt.js";
import { printable } from "./table.js";

export const verb: Verb = {
  name: "logs",
  summary: "show the last lines of services",
  usage: "[NAME...]",
  options: [
    { long: "follow", short: "f", value: null, repeatable: false, help: "go on with new lines (the configuration's -f is --file here)" },
    { long: "lines", short: "n", value: "N", repeatable: false, help: "the last N lines of each service (all that are in memory)" },
    { long: "no-prefix", short: null, value: null, repeatable: false, help: "lines without the service's name" },
  ],
  run: async (context) => {
    const { io, options, words } = context;
    const lines = numberOf(optionText(options, "lines"));
    const client = await findSupervisor(context);
    const interrupt = abortOnInterrupt();
    const query = { names: words, lines, follow: optionGiven(options, "follow") };
    let width = 0;
    const prefix = (line: LogLine): string => {
      width = Math.max(width, line.service.length);
      return optionGiven(options, "no-prefix") ? "" : `${line.service.padEnd(width)} | `;
    };
    try {
      for await (const line of client.logs(query, interrupt.signal)) {
        if (optionGiven(options, "json")) io.out(`${JSON.stringify(line)}\n`);
        else io.out(`${prefix(line)}${io.outIsTerminal ? printable(line.text) : line.text}\n`);
      }
    } finally {
      interrupt.release();
    }
    return interrupt.signal.aborted ? 130 : 0;
  },
};

function numberOf(text: string | null): number | null {
  if (text === null) return null;
  if (!/^[0-9]{1,9}$/.test(text)) throw new CommandError(`cannot use option "--lines": it must be a whole number, found "${text}"`, { exitCode: EXIT_USAGE });
  return Number(text);
}
