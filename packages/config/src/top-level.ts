import { resolve } from "node:path";
import type { Configuration } from "@supervise/model";
import type { DiagnosticList } from "./diagnostics.js";
import { explain, quote } from "./explain.js";
import type { LoadRequest } from "./request.js";
import { projectName, restartBurst, syslogSocket, syslogStream } from "./schema.js";
import { socketPath } from "./socket-path.js";
import { suggestion } from "./suggest.js";
import { plain } from "./tree.js";
import type { MapValue } from "./tree.js";

const KEYS = ["name", "services", "restart_burst", "syslog", "syslog_stream", "logging", "mask"];
const CONTAINER = new Set(["networks", "volumes", "configs", "secrets", "models"]);

/** Everything of the configuration but its services. Paths are relative to `directory`. */
export function readTopLevel(
  tree: MapValue,
  directory: string,
  fallbackName: string,
  request: LoadRequest,
  diagnostics: DiagnosticList,
): Omit<Configuration, "services"> {
  let name = fallbackName;
  let burst = restartBurst.parse({});
  let syslogPath: string | null = null;
  let syslogStreamPath: string | null = null;
  for (const [key, { keyAt, value }] of tree.entries) {
    if (key === "name" || key === "restart_burst") {
      const result = (key === "name" ? projectName : restartBurst).safeParse(plain(value));
      if (!result.success) explain(result.error.issues, key, value, diagnostics);
      else if (typeof result.data === "string") name = result.data;
      else burst = result.data;
    } else if (key === "syslog") {
      const result = syslogSocket.safeParse(plain(value));
      if (!result.success) explain(result.error.issues, key, value, diagnostics);
      else if (result.data !== null)
        syslogPath = socketPath(resolve(directory, result.data), value.at, diagnostics);
    } else if (key === "syslog_stream") {
      const result = syslogStream.safeParse(plain(value));
      if (!result.success) explain(result.error.issues, key, value, diagnostics);
      else syslogStreamPath = socketPath(resolve(directory, result.data), value.at, diagnostics);
    } else if (key === "version")
      diagnostics.warning(keyAt, '"version" is obsolete and has no effect', "take it out");
    else if (key === "include")
      diagnostics.error(keyAt, '"include" is not supported yet', "name several files with -f");
    else if (CONTAINER.has(key))
      diagnostics.error(keyAt, `"${key}" belongs to containers; supervise runs programs directly`);
    else if (key !== "services" && key !== "logging" && key !== "mask" && !key.startsWith("x-")) {
      diagnostics.error(
        keyAt,
        `unknown key ${quote(key)} at the top level`,
        suggestion(key, KEYS) ?? "keys of your own begin with x-",
      );
    }
  }
  const both = tree.entries.get("syslog_stream")?.value;
  if (both !== undefined && syslogPath !== null && syslogPath === syslogStreamPath)
    diagnostics.error(
      both.at,
      `one path can't be a datagram and a stream socket, found "${syslogPath}" for syslog and syslog_stream`,
      "name another path for one of them",
    );
  if (request.projectName !== undefined) {
    const result = projectName.safeParse(request.projectName);
    if (result.success) name = result.data;
    else
      diagnostics.error(
        { ...tree.at, line: 0, column: 0 },
        `the project name must be ${result.error.issues[0]?.message ?? ""}, found ${quote(request.projectName)}`,
      );
  }
  return {
    name,
    restartBucket: { capacity: burst.capacity, refillPerSecond: burst.refill_per_second },
    syslogPath,
    ...(syslogStreamPath === null ? {} : { syslogStreamPath }),
  };
}
