import { JSON_OUTPUT, optionGiven, SOCKET } from "../common-options.js";
import { findSupervisor } from "../locate.js";
import { CommandError, EXIT_USAGE } from "../verb.js";
import type { Verb } from "../verb.js";
import { printable } from "./table.js";

export const verb: Verb = {
  name: "why",
  summary: "say in sentences why services are as they are",
  usage: "NAME...",
  options: [SOCKET, JSON_OUTPUT],
  run: async (context) => {
    const { io, options, words } = context;
    if (words.length === 0) {
      throw new CommandError("cannot say why: no service is named", {
        exitCode: EXIT_USAGE,
        hint: "supervise why '*' means all",
      });
    }
    const client = await findSupervisor(context);
    const asked = await client.services(words);
    const services = await Promise.all(
      asked.map(async ({ name }) => ({ name, sentences: await client.why(name) })),
    );
    if (optionGiven(options, "json")) io.out(`${JSON.stringify({ services })}\n`);
    else {
      const paragraphs = services.map(({ sentences }) =>
        sentences.map((one) => `${printable(one)}\n`).join(""),
      );
      io.out(paragraphs.join("\n"));
    }
    return 0;
  },
};
