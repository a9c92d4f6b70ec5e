import { printable, valueOr } from "@supervise/process";
import { formatBytes, formatPercent } from "./inspect-amounts.js";
import type { ShownMember } from "./inspect-shown.js";
import { formatTable } from "./table.js";

const HEADINGS = ["PID", "STATE", "THREADS", "FILES", "CPU", "RSS", "TTY", "COMMAND"];

/** A row for each process, its command moved in below its parent's. `columns` cuts the command. */
export function treeTable(members: readonly ShownMember[], columns: number | null): string {
  const top = Math.min(...members.map(({ depth }) => depth));
  const rows = members.map(({ depth, process, usage }) => {
    const files = process.openFiles === undefined ? null : valueOr(process.openFiles);
    const memory = process.memory === undefined ? null : valueOr(process.memory);
    const words = process.command === undefined ? null : valueOr(process.command)?.words;
    const bytes = usage?.residentBytes ?? memory?.resident ?? null;
    const command =
      words === undefined || words === null || words.length === 0
        ? `[${process.name}]`
        : words.join(" ");
    return [
      String(process.pid),
      process.state,
      String(process.threadCount),
      files === null ? "-" : `${files.count}/${files.soft ?? "any"}`,
      usage === null ? "-" : formatPercent(usage.cpuPercent ?? usage.averageCpuPercent),
      bytes === null ? "-" : formatBytes(bytes),
      process.terminal ?? "-",
      `${"  ".repeat(depth - top)}${printable(command)}`,
    ];
  });
  return formatTable(HEADINGS, rows, columns);
}
