/** What reads log files; loaded by whoever reads, as the writer's start does not need it. */
export type LogReading = typeof import("./reading/reading.js");

/** Loads what reads log files. */
export function loadLogReading(): Promise<LogReading> {
  return import("./reading/reading.js");
}
