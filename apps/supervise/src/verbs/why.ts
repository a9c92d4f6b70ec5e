import { optionGiven } from "../common-options.js";
import { findSupervisor } from "../locate.js";
import { CommandError, EXIT_USAGE, type Verb } from "../verb.js";
import { printable } from "./table.js";

export const verb: Verb = {
  name: "why",
  summary: "say why services are as they are",
  usage: "NAME...",
  options: [],
  run: async (context) => {
    const { io, options, words } = context;
    if (words.length === 0) throw new CommandError("cannot say why: no service is named", { exitCode: EXIT_USAGE });
    const client = await findSupervisor(context);
    for (const { name } of await client.services(words)) {
      const sentences = await client.why(name);
      if (optionGiven(options, "json")) io.out(`${JSON.stringify({ name, sentences })}\n`);
      else io.out(sentences.map((sentence) => `${printable(sentence)}\n`).join(""));
    }
    return 0;
  },
};
