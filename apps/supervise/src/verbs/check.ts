import { JSON_OUTPUT, optionGiven, QUIET } from "../common-options.js";
import { configurationOptions, tellDiagnostics } from "../configuration.js";
import { openKernel } from "../kernel.js";
import { loadFresh } from "../load.js";
import { preflight } from "../preflight.js";
import { EXIT_CONFIGURATION } from "../verb.js";
import type { Verb } from "../verb.js";

export const verb: Verb = {
  name: "check",
  summary:
    "validate the configuration, and what it names on this machine, without running anything",
  usage: "",
  options: [JSON_OUTPUT, QUIET],
  run: async (context) => {
    const { io, options } = context;
    const asked = configurationOptions(context);
    const result = await loadFresh(asked, io.environment);
    const { configuration, diagnostics } = result;
    const machine =
      configuration === null ? [] : preflight(openKernel(), configuration, result, io.environment);
    const all = [...diagnostics, ...machine];
    const valid = all.every(({ severity }) => severity !== "error");
    const services = configuration?.services.length ?? 0;
    if (optionGiven(options, "json")) {
      io.out(`${JSON.stringify({ valid, files: asked.files, services, diagnostics: all })}\n`);
    } else {
      tellDiagnostics(context, all);
      if (valid && !optionGiven(options, "quiet")) {
        const count = `${services} ${services === 1 ? "service" : "services"}`;
        io.out(`${asked.files.join(", ")}: ${count}, no mistakes\n`);
      }
    }
    return valid ? 0 : EXIT_CONFIGURATION;
  },
};
