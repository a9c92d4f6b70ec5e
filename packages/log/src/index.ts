export {
  createDescriptorWatch,
  pollIn,
  pollOut,
  type DescriptorHandler,
  type DescriptorWatch,
} from "./descriptor-watch.js";
export type { LastingMemory } from "./ledger.js";
export type { LinesMemory } from "./service-rings.js";
export { maxLineBytes } from "./line-splitter.js";
export { loadLogReading, type LogReading } from "./load-reading.js";
export {
  createLogHub,
  type FollowOptions,
  type LoggedService,
  type LogHub,
  type LogHubOptions,
  type OutputDescriptors,
} from "./log-hub.js";
export { Mask } from "./mask.js";
export type { OutputTap, TappedRun } from "./output-taps.js";
export type { PausedReader } from "./paused-reader.js";
export type { ServiceMessage } from "./service-message.js";
export type { LogKernel, LogProblem } from "./problem.js";
export type { Followed } from "./reading/follow-files.js";
export type { LineRow, LogRow, RowForm } from "./reading/log-row.js";
export type { LogFinding, LogProof } from "./reading/row-proof.js";
export type {
  FollowPoint,
  LogSource,
  RowQuery,
  ServiceReading,
} from "./reading/service-reading.js";
export type { RunMark } from "./row-format.js";
export { UNSEEN_END } from "./row-format.js";
export { openTerminal } from "./terminal-descriptor.js";
export { prefixColour, type MessageLevel } from "./terminal-prefix.js";
export { terminalText } from "./terminal-text.js";
export type { TerminalTarget, TerminalView } from "./terminal-sink.js";
