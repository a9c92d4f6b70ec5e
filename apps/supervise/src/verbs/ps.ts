import { optionGiven } from "../common-options.js";
import { findSupervisor } from "../locate.js";
import type { Verb } from "../verb.js";
import { formatTable, printable } from "./table.js";

export const verb: Verb = {
  name: "ps",
  summary: "show every process of services, with the columns of ps -axj",
  usage: "[NAME...]",
  options: [],
  run: async (context) => {
    const { io, options, words } = context;
    const client = await findSupervisor(context);
    const processes = await client.processes(words);
    if (optionGiven(options, "json")) io.out(`${JSON.stringify({ processes })}\n`);
    else {
      const rows = processes.map((row) => [
        row.service,
        ...[row.uid, row.pid, row.ppid, row.pgid, row.sid].map(String),
        row.tty,
        row.stat,
        printable(row.command),
      ]);
      io.out(formatTable(["SERVICE", "UID", "PID", "PPID", "PGID", "SID", "TTY", "STAT", "CMD"], rows, io.outIsTerminal ? (process.stdout.columns ?? null) : null));
    }
    return 0;
  },
};
