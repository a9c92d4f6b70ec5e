import { basename } from "node:path";
import { describeSocket, sinksOf } from "@supervise/model";
import type { Configuration, ServiceSpec } from "@supervise/model";
import type { DiagnosticList } from "./diagnostics.js";
import type { Draft } from "./draft.js";
import { sinkPath } from "./logging-spec.js";
import { keyPosition, valueAt } from "./tree.js";

/** Fields of one service that do not fit together. */
export function checkService(draft: Draft, diagnostics: DiagnosticList): void {
  const { name, tree, fields, broken } = draft;
  if (
    fields.type === "oneshot" &&
    (fields.restart.kind === "always" || fields.restart.kind === "unless-stopped")
  ) {
    diagnostics.error(
      valueAt(tree, ["restart"]).at,
      `restart: ${fields.restart.kind} would run the oneshot "${name}" for ever`,
      "on-failure runs it until it has succeeded",
    );
  }
  if (fields.type !== "forking" && fields.pidfile !== undefined && !broken.has("type")) {
    diagnostics.error(
      keyPosition(tree, [], "pidfile"),
      `pidfile has a meaning only with type forking, and "${name}" has type ${fields.type}`,
      "the supervisor writes pidfiles of its own into its runtime directory",
    );
  }
  if (fields.tty && fields.type === "forking" && !broken.has("type")) {
    diagnostics.error(
      keyPosition(tree, [], "tty"),
      `tty has no meaning with type forking: a daemon leaves its terminal`,
    );
  }
  if (
    fields.tty &&
    fields.logging.some(({ driver }) => driver === "direct") &&
    !broken.has("logging")
  ) {
    diagnostics.error(
      keyPosition(tree, [], "tty"),
      `tty and logging.driver direct exclude each other: the output of "${name}" can go to its terminal or to its file`,
      "driver file writes what the terminal shows into a file",
    );
  }
  const passed = Object.keys(fields.sockets).length;
  const fd = fields.ready?.fd;
  if (fd !== undefined && fd < 3 + passed) {
    diagnostics.error(
      valueAt(tree, ["ready", "fd"]).at,
      `ready.fd: ${fd} is the descriptor of a socket; those of "${name}" are 3 to ${2 + passed}`,
    );
  }
  if (fields.type === "forking" && fields.pidfile !== undefined && fields.scale > 1) {
    diagnostics.error(
      keyPosition(tree, [], "scale"),
      `scale: ${fields.scale} of the forking service "${name}" would share one pidfile`,
    );
  }
}

/** A service that forwards its log to the socket from which its log gets its messages would hear itself for ever. */
export function checkSyslogLoop(
  { syslogPath, syslogStreamPath, services }: Configuration,
  drafts: readonly Draft[],
  diagnostics: DiagnosticList,
): void {
  for (const path of [syslogPath, syslogStreamPath ?? null])
    if (path !== null) checkLoop(path, services, drafts, diagnostics);
}

function checkLoop(
  path: string,
  services: readonly ServiceSpec[],
  drafts: readonly Draft[],
  diagnostics: DiagnosticList,
): void {
  for (const { service, replica, logging } of services) {
    if (replica > 1) continue;
    const looping = sinksOf(logging).some(
      (sink) =>
        sink.driver === "syslog" && sink.address.kind === "unix" && sink.address.path === path,
    );
    const draft = looping ? drafts.find(({ name }) => name === service) : undefined;
    if (draft === undefined) continue;
    const index = draft.fields.logging.findIndex(({ driver, options }) => {
      const address = options?.["syslog-address"];
      return (
        driver === "syslog" &&
        (address === undefined || (address.kind === "unix" && address.path === path))
      );
    });
    diagnostics.error(
      valueAt(draft.tree, [...sinkPath(draft, index), "options", "syslog-address"]).at,
      `service "${service}" would send its log to "${path}", the syslog socket that supervise itself serves`,
      "name another syslog-address, or leave syslog out at the top level",
    );
  }
}

/** What two specs must not share: names, log files, pidfiles. */
export function checkSharing(
  specs: readonly ServiceSpec[],
  drafts: ReadonlyMap<string, Draft>,
  diagnostics: DiagnosticList,
): void {
  const names = new Map<string, ServiceSpec>();
  const logs = new Map<string, ServiceSpec>();
  const pidfiles = new Map<string, ServiceSpec>();
  const sockets = new Map<string, ServiceSpec>();
  const take = (
    seen: Map<string, ServiceSpec>,
    key: string,
    spec: ServiceSpec,
    path: readonly PropertyKey[],
    message: (other: ServiceSpec) => string,
  ): void => {
    const other = seen.get(key);
    const draft = drafts.get(spec.service);
    if (other === undefined) seen.set(key, spec);
    else if (draft !== undefined)
      diagnostics.error(
        path.length === 0 ? draft.keyAt : valueAt(draft.tree, path).at,
        message(other),
      );
  };
  for (const spec of specs) {
    take(
      names,
      spec.name,
      spec,
      [],
      (other) =>
        `the name "${spec.name}" is taken twice: by service "${spec.service}" and by a replica of "${other.service}"`,
    );
    for (const sink of sinksOf(spec.logging)) {
      if (sink.driver !== "file" && sink.driver !== "direct") continue;
      const { path } = sink;
      take(logs, path, spec, pathPlace(drafts.get(spec.service), path), (other) =>
        other.name === spec.name
          ? `"${spec.name}" would write to the log file "${path}" twice`
          : `"${spec.name}" and "${other.name}" would write to one log file, "${path}"`,
      );
    }
    // Replicas share their sockets.
    for (const socket of spec.replica === 1 ? spec.sockets : [])
      take(
        sockets,
        describeSocket(socket),
        spec,
        ["sockets", socket.name],
        (other) =>
          `"${spec.service}" and "${other.service}" would listen on ${describeSocket(socket)}`,
      );
    // Replicas that share a pidfile were reported once, for the service.
    if (spec.pidfile !== null && spec.replica === 1) {
      const path = spec.pidfile;
      take(
        pidfiles,
        path,
        spec,
        ["pidfile"],
        (other) => `"${spec.name}" and "${other.name}" have one pidfile, "${path}"`,
      );
    }
  }
}

/** Where the log file with this path is named, the last time where it is more than once. */
function pathPlace(draft: Draft | undefined, path: string): readonly PropertyKey[] {
  const sinks = draft?.fields.logging ?? [];
  const file = basename(path);
  const named = sinks.findLastIndex(({ options }) => basename(options?.path ?? "") === file);
  const index =
    named < 0 ? sinks.findLastIndex(({ options }) => options?.path !== undefined) : named;
  return draft === undefined ? [] : [...sinkPath(draft, Math.max(0, index)), "options", "path"];
}
