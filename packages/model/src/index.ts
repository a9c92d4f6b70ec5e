export type * from "./spec.js";
export type * from "./state.js";
export { logModeOf, sinksOf } from "./log-sinks.js";
export { healthWord } from "./health-word.js";
export { isMasked } from "./mask-pattern.js";
export { STATE_KINDS } from "./state.js";
export type * from "./event.js";
export type * from "./status.js";
export type * from "./request.js";
export { NotAttachableError } from "./attach.js";
export type { Attachment, AttachEnd, AttachQuery, TerminalSize } from "./attach.js";
export { createEngine } from "./engine.js";
export type { Engine, EngineOptions } from "./engine.js";
export { findCycle, formatCycle, startOrder } from "./graph.js";
export type { GraphNode } from "./graph.js";
export {
  describeCause,
  describeEnd,
  describeExit,
  describeSocket,
  formatDuration,
} from "./describe.js";
export { isStuck } from "./run-stop.js";
export { matchNames, UnknownServiceError } from "./match-names.js";
export { restorableMachine } from "./restore.js";
export type { ServiceMachine } from "./service-machine.js";
export { diffSpecs } from "./spec-diff.js";
export { explain, reasonLine } from "./why.js";
export type { ExplainContext } from "./why.js";
export type {
  ParsedSyslog,
  StructuredElement,
  SyslogFault,
  SyslogMessage,
  SyslogTime,
} from "./syslog/message.js";
export {
  severityNames,
  syslogFacilities,
  syslogFacilityNumber,
  syslogLevelNumber,
  syslogLevels,
} from "./syslog/priority.js";
export { formatSyslog } from "./syslog/format.js";
export type { SyslogForm } from "./syslog/format.js";
export { parseSyslog } from "./syslog/parse.js";
export type { ParseSyslogOptions } from "./syslog/parse.js";
export { foldRepeats, noRepeats, repeatKey, repeatedText } from "./syslog/fold-repeats.js";
export type { RepeatAction, RepeatEvent, RepeatState } from "./syslog/fold-repeats.js";
export { utf8Prefix } from "./syslog/utf8.js";
