import { describeDiagnostic } from "@supervise/config";
import { optionGiven } from "../common-options.js";
import { findSupervisor } from "../locate.js";
import { EXIT_CONFIGURATION, type Verb } from "../verb.js";
import { reloadServices } from "./service-actions.js";

export const verb: Verb = {
  name: "reload",
  summary: "apply the changed configuration; with names, tell these services to reload theirs",
  usage: "[NAME...]",
  options: [],
  run: async (context) => {
    if (context.words.length > 0) return reloadServices(context);
    const { io, options } = context;
    const client = await findSupervisor(context);
    const result = await client.reload();
    if (optionGiven(options, "json")) io.out(`${JSON.stringify(result)}\n`);
    else {
      for (const diagnostic of result.diagnostics) io.err(`supervise: ${describeDiagnostic(diagnostic)}\n`);
      for (const { name, kind, fields } of result.changes) if (kind !== "same") io.out(`${name}: ${kind}${fields.length === 0 ? "" : ` (${fields.join(", ")})`}\n`);
      if (result.applied) io.out(`generation ${result.generation} applied\n`);
      else io.err("supervise: nothing was changed\n");
    }
    return result.applied ? 0 : EXIT_CONFIGURATION;
  },
};
