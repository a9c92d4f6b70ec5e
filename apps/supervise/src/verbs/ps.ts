import type { ProcessRow } from "@supervise/model";
import { JSON_OUTPUT, optionGiven, SOCKET } from "../common-options.js";
import { findSupervisor } from "../locate.js";
import type { Verb } from "../verb.js";
import { formatTable, printable } from "./table.js";

const HEADINGS = ["SERVICE", "UID", "PID", "PPID", "PGID", "SID", "TTY", "STAT", "CMD"];

export const verb: Verb = {
  name: "ps",
  summary: "show every process of services, with the columns of ps -axj",
  usage: "[NAME...]",
  options: [SOCKET, JSON_OUTPUT],
  run: async (context) => {
    const { io, options, words } = context;
    const client = await findSupervisor(context);
    const processes = await client.processes(words);
    if (optionGiven(options, "json")) io.out(`${JSON.stringify({ processes })}\n`);
    else io.out(processTable(processes, io.outIsTerminal ? io.columns() : null));
    return 0;
  },
};

/** `columns`: width of the terminal; null: no limit. */
export function processTable(processes: readonly ProcessRow[], columns: number | null): string {
  const rows = processes.map(({ service, uid, pid, ppid, pgid, sid, tty, stat, command }) => [
    service,
    ...[uid, pid, ppid, pgid, sid].map(String),
    tty,
    stat,
    printable(command),
  ]);
  return formatTable(HEADINGS, rows, columns);
}
