import { formatDuration, type ServiceStatus } from "@supervise/model";
import { optionGiven } from "../common-options.js";
import { findSupervisor } from "../locate.js";
import type { Verb } from "../verb.js";
import { formatTable, printable } from "./table.js";

const HEADINGS = ["NAME", "STATE", "READY", "HEALTH", "PID", "UPTIME", "RESTARTS", "REASON"];

export const verb: Verb = {
  name: "status",
  summary: "show services: state, readiness, health, and why",
  usage: "[NAME...]",
  options: [],
  run: async (context) => {
    const { io, options, words } = context;
    const client = await findSupervisor(context);
    const services = await client.services(words);
    if (optionGiven(options, "json")) io.out(`${JSON.stringify({ project: await client.project(), services })}\n`);
    else io.out(formatTable(HEADINGS, services.map(row), io.outIsTerminal ? (process.stdout.columns ?? null) : null));
    return 0;
  },
};

function row(status: ServiceStatus): readonly string[] {
  const state = status.stage === null ? status.state : `${status.state} (${status.stage})`;
  const uptime = status.pid === null || status.startedAt === null ? "-" : formatDuration(Math.max(0, Date.now() - Date.parse(status.startedAt)));
  const said = status.statusText === null ? status.reason : `${status.reason}; it says: ${status.statusText}`;
  return [
    status.name,
    state,
    status.ready ? "yes" : "no",
    status.health === "none" ? "-" : status.health,
    status.pid === null ? "-" : String(status.pid),
    uptime,
    String(status.restarts),
    printable(said),
  ];
}
