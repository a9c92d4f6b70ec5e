import { printable } from "@supervise/process";
import type { Fact, Unknown } from "@supervise/process";
import { descriptorRows } from "./inspect-descriptors.js";
import { hang } from "./inspect-amounts.js";
import { variableOf } from "./inspect-json.js";
import { overviewRows } from "./inspect-overview.js";
import type { Names } from "./inspect-overview.js";
import type { Row } from "./inspect-rows.js";
import {
  capabilityRows,
  cgroupRows,
  cpuRows,
  limitRows,
  memoryRows,
  namespaceRows,
  signalRows,
  threadRows,
} from "./inspect-rows.js";
import type { Section } from "./inspect-sections.js";
import type { ShownMember } from "./inspect-shown.js";

export interface TextOptions {
  readonly sections: ReadonlySet<Section>;
  readonly columns: number;
  /** Patterns of names of secrets besides the usual ones; null: secrets are shown. */
  readonly mask: readonly string[] | null;
  readonly names: Names;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

const UNKNOWN: Readonly<Record<Unknown, string>> = {
  forbidden: "hidden from us: only root, or the same user with the same rights, may look",
  ended: "no longer there: the process has ended",
  unsupported: "not told by this kernel, or for this process",
};

/** Everything that was asked for about one process. */
export function processText(member: ShownMember, options: TextOptions): string {
  const { process } = member;
  const { sections, columns } = options;
  const title = `${process.name} (pid ${process.pid})${process.kernelThread ? ", of the kernel" : ""}`;
  const parts = [
    `${title}\n`,
    ...(sections.has("overview") ? [rowsText(overviewRows(member, options), columns)] : []),
  ];
  const add = <Value>(
    section: Section,
    heading: string,
    fact: Fact<Value> | undefined,
    text: (value: Value) => string,
  ): void => {
    if (!sections.has(section) || fact === undefined) return;
    const body = fact.known ? text(fact.value) : hang("  ", UNKNOWN[fact.why], columns);
    parts.push(`\n${heading}\n${body === "" ? "  none\n" : body}`);
  };
  const rows =
    <Value>(of: (value: Value) => readonly Row[]) =>
    (value: Value): string =>
      rowsText(of(value), columns);

  add("descriptors", descriptorHeading(member), process.descriptors, (value) =>
    value.length === 0 ? "" : descriptorRows(value, columns),
  );
  add("signals", "Signals", process.signals, rows(signalRows));
  add("limits", "Limits", process.limits, limitRows);
  add("memory", "Memory", process.memory, (value) =>
    rowsText(memoryRows(value, process.sharedMemory, UNKNOWN), columns),
  );
  add("cpu", "Processor and I/O", process.cpu, (value) =>
    rowsText(cpuRows(value, process.io, UNKNOWN), columns),
  );
  add("threads", "Threads", process.threads, threadRows);
  add("capabilities", "Capabilities", process.capabilities, rows(capabilityRows));
  add("cgroup", "Cgroup", process.cgroup, (value) => rowsText(cgroupRows(value, UNKNOWN), columns));
  add("namespaces", "Namespaces", process.namespaces, rows(namespaceRows));
  add("environment", "Environment it was started with", process.environment, (entries) =>
    entries
      .map((entry) => {
        const { name, value } = variableOf(entry, options.mask);
        return `  ${printable(name)}=${printable(value)}\n`;
      })
      .join(""),
  );
  return parts.join("");
}

function descriptorHeading({ process }: ShownMember): string {
  const files = process.openFiles;
  if (files === undefined || !files.known) return "Descriptors";
  const { count, soft } = files.value;
  const listed = process.descriptors?.known === true ? process.descriptors.value.length : count;
  return `Descriptors: ${listed} of ${soft ?? "any number"}`;
}

/** Rows with their labels in one column. */
function rowsText(rows: readonly Row[], columns: number): string {
  const width = Math.max(0, ...rows.map(({ label }) => label.length));
  return rows.map(({ label, text }) => hang(`  ${label.padEnd(width)}  `, text, columns)).join("");
}
