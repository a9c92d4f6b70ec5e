import { optionGiven } from "../common-options.js";
import { configurationOptions, tellDiagnostics } from "../configuration.js";
import { openKernel } from "../kernel.js";
import { loadFresh } from "../load.js";
import { preflight } from "../preflight.js";
import { EXIT_CONFIGURATION, type Verb } from "../verb.js";

export const verb: Verb = {
  name: "check",
  summary: "validate the configuration, and what it names on this machine, without running anything",
  usage: "",
  options: [],
  run: async (context) => {
    const { io, options } = context;
    const request = configurationOptions(context);
    const result = await loadFresh(request, io.environment);
    const found = result.configuration === null ? [] : preflight(openKernel(), result.configuration, result.locate, io.environment);
    const diagnostics = [...result.diagnostics, ...found];
    const errors = diagnostics.filter(({ severity }) => severity === "error").length;
    if (optionGiven(options, "json")) io.out(`${JSON.stringify({ valid: errors === 0, diagnostics })}\n`);
    else {
      tellDiagnostics(context, diagnostics);
      const count = result.configuration?.services.length ?? 0;
      if (errors === 0 && !optionGiven(options, "quiet")) io.out(`${request.files.join(", ")}: ${count} ${count === 1 ? "service" : "services"}, no mistakes\n`);
    }
    return errors === 0 ? 0 : EXIT_CONFIGURATION;
  },
};
