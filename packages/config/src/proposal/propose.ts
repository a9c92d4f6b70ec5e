import { fromCompose } from "./from-compose.js";
import { fromPackage } from "./from-package.js";
import { fromProcfile } from "./from-procfile.js";
import type { Proposal, ProposalRequest } from "./proposal.js";

export { readScripts, usualScripts } from "./from-package.js";

/** Makes a configuration from what another tool has. Never throws on bad input; nothing is written. */
export function propose(request: ProposalRequest): Proposal {
  switch (request.source.kind) {
    case "procfile":
      return fromProcfile(request);
    case "compose":
      return fromCompose(request);
    case "package":
      return fromPackage(request);
  }
}
