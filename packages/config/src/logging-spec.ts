import { join, resolve } from "node:path";
import type { LoggingSpec, LogSink } from "@supervise/model";
import type { DiagnosticList } from "./diagnostics.js";
import type { Draft } from "./draft.js";
import { pathText } from "./explain.js";
import type { LoggingFields } from "./fields.js";
import { syslogSink } from "./syslog-logging.js";
import { entry, keyPosition, valueAt } from "./tree.js";

type Driver = LoggingFields["driver"];

/** What Docker keeps where nothing else is said. */
const DEFAULT_BUFFER_BYTES = 1024 * 1024;

/** The drivers for which an option has a meaning; others: file alone. */
const OWNERS: Readonly<Record<string, readonly Driver[]>> = {
  mode: ["file", "syslog", "service", "none"],
  stderr: ["file", "syslog", "service", "none"],
  "syslog-address": ["syslog"],
  "syslog-facility": ["syslog"],
  "syslog-format": ["syslog"],
  tag: ["syslog"],
  path: ["file", "direct"],
  "max-file": ["file", "direct"],
  compress: ["file", "direct"],
  format: ["file", "service"],
  timestamps: ["file", "service"],
  service: ["service"],
  "max-buffer-size": ["file", "service"],
};

/** Where one sink stands in `logging`: that itself, or an item of the list. */
export function sinkPath(draft: Draft, index: number): readonly (string | number)[] {
  return valueAt(draft.tree, ["logging"]).kind === "list" ? ["logging", index] : ["logging"];
}

/** The sinks of a service: the first file before the others, for that is what `supervise logs` reads. What cannot stand is reported. */
export function loggingSpec(
  draft: Draft,
  directory: string,
  diagnostics: DiagnosticList,
): LoggingSpec {
  const { fields, broken } = draft;
  if (broken.has("logging")) return { driver: "none" };
  const sinks = fields.logging.map((sink, index) =>
    sinkSpec(sink, { draft, directory, diagnostics, path: sinkPath(draft, index) }),
  );
  checkTogether(draft, diagnostics);
  const file = sinks.findIndex(({ driver }) => driver === "file");
  const [first = { driver: "none" }] = sinks.splice(Math.max(0, file), 1);
  const also = sinks.filter(({ driver }) => driver !== "none");
  const oneStderr = fields.logging.some(({ options }) => options?.stderr === "stdout");
  return {
    ...first,
    ...(also.length > 0 ? { also } : {}),
    ...(oneStderr ? { stderr: "stdout" } : {}),
  };
}

/** A service that writes to its file itself, or to nowhere, has no other sink. */
function checkTogether(draft: Draft, diagnostics: DiagnosticList): void {
  const { logging } = draft.fields;
  if (logging.length < 2) return;
  for (const [index, { driver }] of logging.entries()) {
    if (driver !== "direct" && driver !== "none") continue;
    const path = sinkPath(draft, index);
    diagnostics.error(
      valueAt(draft.tree, path).at,
      `${pathText("", path).slice(1)} has driver ${driver}, which cannot stand beside others`,
      driver === "none"
        ? "leave it out"
        : "the service writes to the file itself, and nobody else sees its lines",
    );
  }
}

interface SinkPlace {
  readonly draft: Draft;
  readonly directory: string;
  readonly diagnostics: DiagnosticList;
  readonly path: readonly (string | number)[];
}

function sinkSpec({ driver, options }: LoggingFields, place: SinkPlace): LogSink {
  const { draft, directory, diagnostics, path: at } = place;
  checkOptions(driver, place);
  const mode = options?.mode === "non-blocking" ? ({ mode: "non-blocking" } as const) : {};
  if (driver === "none") return { driver, ...mode };
  if (driver === "syslog")
    return { ...syslogSink(options, valueAt(draft.tree, at), diagnostics), ...mode };
  const missing = (key: string): LogSink => {
    const where = [...at, "options"];
    diagnostics.error(
      valueAt(draft.tree, where).at,
      `${pathText("", where).slice(1)} needs ${key} with driver ${driver}`,
    );
    return { driver: "none" };
  };
  if (driver === "service") {
    if (options?.service === undefined) return missing("service");
    return {
      driver,
      service: options.service,
      format: options.format ?? "raw",
      timestamps: options.timestamps,
      maxBufferBytes: options["max-buffer-size"] ?? DEFAULT_BUFFER_BYTES,
      ...mode,
    };
  }
  if (options?.path === undefined) return missing("path");
  const named = options.path.endsWith("/") ? join(options.path, `${draft.name}.log`) : options.path;
  const path = resolve(directory, named);
  const buffer =
    options.mode === "non-blocking"
      ? { maxBufferBytes: options["max-buffer-size"] ?? DEFAULT_BUFFER_BYTES }
      : {};
  if (driver === "direct")
    return { driver, path, maxFiles: options["max-file"], compression: options.compress };
  return {
    driver,
    path,
    maxSizeBytes: options["max-size"] ?? null,
    maxAgeMs: options["max-age"] ?? null,
    maxFiles: options["max-file"],
    maxTotalBytes: options["max-total-size"] ?? null,
    compression: options.compress,
    format: options.format ?? "plain",
    timestamps: options.timestamps,
    ...mode,
    ...buffer,
  };
}

/** Each driver has options of its own. */
function checkOptions(driver: Driver, { draft, diagnostics, path }: SinkPlace): void {
  const options = entry(valueAt(draft.tree, path), "options");
  if (options?.kind !== "map") return;
  for (const key of options.entries.keys()) {
    if ((OWNERS[key] ?? ["file"]).includes(driver)) continue;
    const where = [...path, "options", key];
    diagnostics.error(
      keyPosition(draft.tree, [...path, "options"], key),
      `${pathText("", where).slice(1)} has no meaning with driver ${driver}`,
    );
  }
}
