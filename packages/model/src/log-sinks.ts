import type { LoggingSpec, LogMode, LogSink } from "./spec.js";

/** All sinks of a service, the first one first. */
export function sinksOf(logging: LoggingSpec): readonly LogSink[] {
  return logging.also === undefined ? [logging] : [logging, ...logging.also];
}

/** What happens at the terminal, where each sink may say it: one for which the service must not wait means that it must not wait there either. */
export function logModeOf(logging: LoggingSpec): LogMode {
  return sinksOf(logging).some(({ mode }) => mode === "non-blocking") ? "non-blocking" : "blocking";
}
