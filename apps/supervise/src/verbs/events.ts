import type { EventEntry } from "@supervise/model";
import { JSON_OUTPUT, optionGiven, SOCKET } from "../common-options.js";
import { findSupervisor } from "../locate.js";
import type { Verb } from "../verb.js";
import { untilInterrupted } from "./interrupt.js";
import { followOverItsEnd } from "./over-its-end.js";
import { printable } from "./table.js";

/** "configuration" is the longest kind. */
const KIND_WIDTH = 13;

export const verb: Verb = {
  name: "events",
  summary: "show what happened, in order",
  usage: "[NAME...]",
  options: [
    { long: "follow", short: "f", value: null, repeatable: false, help: "go on with new events" },
    SOCKET,
    JSON_OUTPUT,
  ],
  run: async (context) => {
    const { io, options, words } = context;
    const json = optionGiven(options, "json");
    const client = await findSupervisor(context);
    return untilInterrupted(async (signal) => {
      const wanted =
        words.length === 0 ? null : new Set((await client.services(words)).map(({ name }) => name));
      let last: number | null = null;
      const follow = optionGiven(options, "follow");
      const open = (): AsyncIterable<EventEntry> =>
        client.events({ after: last ?? 0, follow }, signal);
      const entries = follow ? followOverItsEnd(io, client, signal, open) : open();
      for await (const entry of entries) {
        const missing = last === null ? 0 : entry.seq - last - 1;
        last = entry.seq;
        if (missing > 0)
          io.err(`supervise: ${missing} events were not read in time and are left out here\n`);
        if (wanted !== null && (entry.service === null || !wanted.has(entry.service))) continue;
        if (json) io.out(`${JSON.stringify(entry)}\n`);
        else io.out(`${entry.time} ${entry.kind.padEnd(KIND_WIDTH)} ${printable(entry.message)}\n`);
      }
      return 0;
    });
  },
};
