import type { ReloadResult } from "@supervise/model";
import { JSON_OUTPUT, optionGiven, QUIET, SOCKET } from "../common-options.js";
import { tellDiagnostics } from "../configuration.js";
import { findSupervisor } from "../locate.js";
import { EXIT_CONFIGURATION } from "../verb.js";
import type { Verb, VerbContext } from "../verb.js";
import { askedAgain } from "./asked-again.js";
import { reloadServices } from "./service-actions.js";

export const verb: Verb = {
  name: "reload",
  summary: "apply the changed configuration; with names, tell these services to reload theirs",
  usage: "[NAME...]",
  options: [SOCKET, JSON_OUTPUT, QUIET],
  run: async (context) => {
    if (context.words.length > 0) return reloadServices(context);
    const client = await findSupervisor(context);
    const result = await askedAgain(context.io, () => client.reload());
    if (optionGiven(context.options, "json")) context.io.out(`${JSON.stringify(result)}\n`);
    else tellReload(context, result);
    return result.applied ? 0 : EXIT_CONFIGURATION;
  },
};

/** Each service that changes, and the generation; or what is wrong with the configuration. */
export function tellReload(
  context: VerbContext,
  { applied, generation, changes, diagnostics }: ReloadResult,
): void {
  const { io, options } = context;
  tellDiagnostics(context, diagnostics);
  if (!applied) {
    io.err("supervise: nothing was changed\n");
    return;
  }
  if (optionGiven(options, "quiet")) return;
  for (const { name, kind, fields } of changes) {
    if (kind !== "same")
      io.out(`${name}: ${kind}${fields.length === 0 ? "" : ` (${fields.join(", ")})`}\n`);
  }
  io.out(`generation ${generation} applied\n`);
}
