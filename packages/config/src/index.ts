export { readCompiled, writeCompiled } from "./compiled.js";
export type { CompiledRequest } from "./compiled.js";
export { defaultFiles } from "./default-files.js";
export { describeDiagnostic } from "./describe.js";
export { jsonSchema, loadConfiguration } from "./load-configuration.js";
export { proposeConfiguration, scriptsIn } from "./load-proposal.js";
export type { Scripts } from "./load-proposal.js";
export type { Proposal, ProposalRequest } from "./proposal/proposal.js";
export { proposalSource, proposalSources } from "./proposal/sources.js";
export type { ProposalSource } from "./proposal/sources.js";
export type {
  Input,
  LoadOptions,
  LoadRequest,
  LoadResult,
  Locations,
  ReadFile,
} from "./request.js";
export { suggest } from "./suggest.js";
export type { Position } from "./tree.js";
export { UnreadableText } from "./unreadable-text.js";
export { validateNames } from "./validate-names.js";
export type { UnknownName } from "./validate-names.js";
