import { existsSync } from "node:fs";
import type { ServiceSpec } from "@supervise/model";
import { portOwner, unixSocketOwner, type SocketOwner } from "@supervise/process";
import { settingOf } from "../command-setting.js";
import type { LiveRun } from "../live-run.js";
import type { Room } from "../room.js";
import type { Trees } from "../trees.js";
import { addressesHere } from "./addresses-here.js";
import { tryConnect } from "./connect.js";
import { tryHttp } from "./http-probe.js";
import { PROBE_LIMIT_MS, type Probe, type ProbeResult, type ProbedCheck } from "./probe.js";

/** The probe of a check that has to be asked again and again. A socket counts only if it is listened to by the run's own tree. */
export function probeOf(
  room: Room,
  trees: Trees,
  live: LiveRun,
  spec: ServiceSpec,
  check: ProbedCheck,
): Probe {
  switch (check.kind) {
    case "tcp":
      return async (signal) => {
        const owned = await ownPort(room, trees, live, check.host, check.port);
        return owned.ok ? tryConnect({ host: check.host, port: check.port }, signal) : owned;
      };
    case "http": {
      const url = new URL(check.url);
      const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
      return async (signal) => {
        const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
        const owned = await ownPort(room, trees, live, host, port);
        return owned.ok ? tryHttp(url, signal) : owned;
      };
    }
    case "unix":
      return async (signal) => {
        const owned = judge(
          unixSocketOwner(room.proc, check.path, trees.members(live)),
          `socket "${check.path}"`,
        );
        return owned.ok ? tryConnect({ path: check.path }, signal) : owned;
      };
    case "file":
      return async () =>
        existsSync(check.path)
          ? { ok: true }
          : { ok: false, detail: `file "${check.path}" is not there` };
    case "command":
      return async (signal) => {
        const result = await room.commands.run(
          check.command,
          settingOf(room, spec, [`MAINPID=${live.mainPid}`]),
          PROBE_LIMIT_MS,
          signal,
        );
        return result.ok
          ? { ok: true }
          : { ok: false, detail: `the ready command: ${result.detail}` };
      };
  }
}

/** A host may have several addresses: one that is the service's own is enough, as it is for whoever connects. */
async function ownPort(
  room: Room,
  trees: Trees,
  live: LiveRun,
  host: string,
  port: number,
): Promise<ProbeResult> {
  const plain = host === "localhost" || process.getBuiltinModule("node:net").isIP(host) !== 0;
  const addresses = plain ? [host] : await addressesHere(host);
  let result: ProbeResult = { ok: true };
  for (const address of addresses) {
    result = judge(portOwner(room.proc, port, address, trees.members(live)), `port ${port}`);
    if (result.ok) break;
  }
  return result;
}

function judge(owner: SocketOwner, what: string): ProbeResult {
  switch (owner.kind) {
    case "ours":
      return { ok: true };
    case "nobody":
      return { ok: false, detail: `nothing is listening on ${what}` };
    case "stranger":
      return {
        ok: false,
        detail:
          owner.pid === null
            ? `${what} is held by a process that can't be seen`
            : `${what} is held by pid ${owner.pid} (${owner.command}), which is not of this service`,
      };
  }
}

/** Does what a probe said name somebody else in the place that the service needs? A service that ended by itself has most likely ended for that. */
export function namesHolder(detail: string): boolean {
  return detail.includes(" is held by ");
}
