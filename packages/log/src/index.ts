export {
  createDescriptorWatch,
  pollIn,
  pollOut,
  type DescriptorHandler,
  type DescriptorWatch,
} from "./descriptor-watch.js";
export type { LastingMemory } from "./ledger.js";
export { maxLineBytes } from "./line-splitter.js";
export {
  createLogHub,
  type FollowOptions,
  type LoggedService,
  type LogHub,
  type LogHubOptions,
  type OutputDescriptors,
} from "./log-hub.js";
export type { PausedReader } from "./paused-reader.js";
export type { ServiceMessage } from "./service-message.js";
export type { LogKernel, LogProblem } from "./problem.js";
export { openTerminal } from "./terminal-descriptor.js";
export type { MessageLevel } from "./terminal-prefix.js";
export { terminalText } from "./terminal-text.js";
export type { TerminalTarget } from "./terminal-sink.js";
