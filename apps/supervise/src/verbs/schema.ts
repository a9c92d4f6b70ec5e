import { jsonSchema } from "@supervise/config";
import type { Verb } from "../verb.js";

export const verb: Verb = {
  name: "schema",
  summary: "print the JSON schema of supervise.yaml, for editors",
  usage: "",
  options: [],
  run: async ({ io }) => {
    io.out(`${JSON.stringify(await jsonSchema(), null, 2)}\n`);
    return 0;
  },
};
