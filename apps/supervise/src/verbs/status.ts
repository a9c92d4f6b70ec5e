import { formatDuration, healthWord } from "@supervise/model";
import type { ServiceStatus } from "@supervise/model";
import { JSON_OUTPUT, optionGiven, SOCKET } from "../common-options.js";
import { findSupervisor } from "../locate.js";
import { readyWord } from "../ready-word.js";
import type { Verb } from "../verb.js";
import { sampleServices, usageCells } from "./status-usage.js";
import type { SampledService } from "./status-usage.js";
import { formatTable, printable } from "./table.js";

const HEADINGS = ["NAME", "STATE", "READY", "HEALTH", "PID", "UPTIME", "RESTARTS"];

export const verb: Verb = {
  name: "status",
  summary: "show services: state, readiness, health, and why",
  usage: "[NAME...]",
  options: [
    {
      long: "names",
      short: null,
      value: null,
      repeatable: false,
      help: "names only, one on a line",
    },
    {
      long: "usage",
      short: null,
      value: null,
      repeatable: false,
      help: "sample processor time and memory of all processes of each service",
    },
    SOCKET,
    JSON_OUTPUT,
  ],
  run: async (context) => {
    const { io, options, words } = context;
    const client = await findSupervisor(context);
    const services = await client.services(words);
    if (optionGiven(options, "names")) {
      const names = services.map(({ name }) => name);
      if (optionGiven(options, "json")) io.out(`${JSON.stringify({ names })}\n`);
      else io.out(names.map((name) => `${name}\n`).join(""));
      return 0;
    }
    const usages = optionGiven(options, "usage") ? await sampleServices(client, services) : null;
    if (optionGiven(options, "json")) {
      const shown = services.map((one) => ({
        ...one,
        ...(usages === null ? {} : { usage: usages.get(one.name) ?? null }),
      }));
      io.out(`${JSON.stringify({ project: await client.project(), services: shown })}\n`);
    } else
      io.out(statusTable(services, Date.now(), io.outIsTerminal ? io.columns() : null, usages));
    return 0;
  },
};

/** PORT is a column where any service is given one. `usages`: two more columns. `nowMs`: milliseconds since 1970. `columns`: width of the terminal; null: no limit. */
export function statusTable(
  services: readonly ServiceStatus[],
  nowMs: number,
  columns: number | null,
  usages: ReadonlyMap<string, SampledService> | null = null,
): string {
  const withPorts = services.some(({ port }) => typeof port === "number");
  const rows = services.map((status) => [
    ...row(status, nowMs),
    ...(withPorts ? [String(status.port ?? "-")] : []),
    ...(usages === null ? [] : usageCells(usages.get(status.name) ?? null)),
    reasonOf(status),
  ]);
  const headings = [
    ...HEADINGS,
    ...(withPorts ? ["PORT"] : []),
    ...(usages === null ? [] : ["CPU", "MEMORY"]),
    "REASON",
  ];
  return formatTable(headings, rows, columns);
}

function row(status: ServiceStatus, nowMs: number): readonly string[] {
  const { name, state, stage, pid, startedAt, restarts } = status;
  const running = pid !== null && startedAt !== null;
  return [
    name,
    stage === null ? state : `${state} (${stage})`,
    readyWord(status) ?? "-",
    healthWord(status) ?? "-",
    pid === null ? "-" : String(pid),
    running ? formatDuration(Math.max(0, nowMs - Date.parse(startedAt))) : "-",
    String(restarts),
  ];
}

function reasonOf({ reason, statusText }: ServiceStatus): string {
  return printable(statusText === null ? reason : `${reason}; it says: ${statusText}`);
}
