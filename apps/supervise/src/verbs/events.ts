import { optionGiven } from "../common-options.js";
import { findSupervisor } from "../locate.js";
import type { Verb } from "../verb.js";
import { abortOnInterrupt } from "./interrupt.js";
import { printable } from "./table.js";

export const verb: Verb = {
  name: "events",
  summary: "show what happened, in order",
  usage: "[NAME...]",
  options: [{ long: "follow", short: "f", value: null, repeatable: false, help: "go on with new events (the configuration's -f is --file here)" }],
  run: async (context) => {
    const { io, options, words } = context;
    const client = await findSupervisor(context);
    const interrupt = abortOnInterrupt();
    try {
      const wanted = words.length === 0 ? null : new Set((await client.services(words)).map(({ name }) => name));
      for await (const entry of client.events({ after: 0, follow: optionGiven(options, "follow") }, interrupt.signal)) {
        if (wanted !== null && (entry.service === null || !wanted.has(entry.service))) continue;
        if (optionGiven(options, "json")) io.out(`${JSON.stringify(entry)}\n`);
        else io.out(`${entry.time} ${entry.kind.padEnd(13)} ${printable(entry.message)}\n`);
      }
    } finally {
      interrupt.release();
    }
    return interrupt.signal.aborted ? 130 : 0;
  },
};
