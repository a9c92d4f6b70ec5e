import type { LogSink } from "@supervise/model";
import type { DiagnosticList } from "./diagnostics.js";
import type { LoggingFields } from "./fields.js";
import { socketPath } from "./socket-path.js";
import { valueAt } from "./tree.js";
import type { Value } from "./tree.js";

/** Facility 3, as in Docker. */
const daemon = 3;

/** What the options of the syslog driver say. */
export function syslogSink(
  options: LoggingFields["options"],
  sink: Value,
  diagnostics: DiagnosticList,
): LogSink {
  const address = options?.["syslog-address"] ?? ({ kind: "unix", path: "/dev/log" } as const);
  if (address.kind === "unix")
    socketPath(address.path, valueAt(sink, ["options", "syslog-address"]).at, diagnostics);
  const modern = (options?.["syslog-format"] ?? "rfc3164") !== "rfc3164";
  return {
    driver: "syslog",
    address,
    facility: options?.["syslog-facility"] ?? daemon,
    // At a local socket the host is left out, as syslog(3) does it.
    form: modern ? "rfc5424" : address.kind === "unix" ? "local" : "rfc3164",
    tag: options?.tag ?? null,
  };
}
