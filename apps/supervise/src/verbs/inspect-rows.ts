import { formatDuration } from "@supervise/model";
import { printable } from "@supervise/process";
import type {
  CapabilityFacts,
  CgroupFacts,
  CpuFacts,
  Fact,
  IoFacts,
  LimitFacts,
  MemoryFacts,
  NamespaceFacts,
  Pressure,
  SharedMemoryFacts,
  SignalFacts,
  ThreadFacts,
  Unknown,
} from "@supervise/process";
import { formatBytes, formatPercent } from "./inspect-amounts.js";
import { formatTable } from "./table.js";

/** One line of a section; a long text goes on below itself. */
export interface Row {
  readonly label: string;
  readonly text: string;
}

type Reasons = Readonly<Record<Unknown, string>>;

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(" ");
}

export function signalRows(signals: SignalFacts): readonly Row[] {
  const { pendingProcess, pendingThread, blocked, ignored, caught, queued, queueLimit } = signals;
  return [
    { label: "pending", text: list([...new Set([...pendingProcess, ...pendingThread])]) },
    { label: "blocked", text: list(blocked) },
    { label: "ignored", text: list(ignored) },
    { label: "caught", text: list(caught) },
    ...(queued === null || queueLimit === null
      ? []
      : [{ label: "queued", text: `${queued} of ${queueLimit} for this user` }]),
  ];
}

/** Those that are unlimited and unused say nothing. */
export function limitRows(limits: readonly LimitFacts[]): string {
  const rows = limits
    .filter(({ soft, hard, use }) => soft !== null || hard !== null || use !== null)
    .map((limit) => [
      `  ${limit.name}`,
      amount(limit.use, limit.unit, "-"),
      amount(limit.soft, limit.unit, "unlimited"),
      amount(limit.hard, limit.unit, "unlimited"),
      limit.text,
    ]);
  return formatTable(["  LIMIT", "USED", "SOFT", "HARD", "OF"], rows, null);
}

function amount(value: number | null, unit: string, none: string): string {
  if (value === null) return none;
  if (unit === "bytes") return formatBytes(value);
  return unit === "seconds" ? `${value} s` : String(value);
}

export function memoryRows(
  memory: MemoryFacts,
  shared: Fact<SharedMemoryFacts> | undefined,
  reasons: Reasons,
): readonly Row[] {
  const row = (label: string, bytes: number): Row => ({ label, text: formatBytes(bytes) });
  return [
    row("resident", memory.resident),
    row("  anonymous", memory.anonymous),
    row("  of files", memory.file),
    row("  shared", memory.shared),
    row("most so far", memory.peakResident),
    row("swapped out", memory.swapped),
    row("locked", memory.locked),
    row("addresses", memory.virtual),
    row("data", memory.data),
    row("stack", memory.stack),
    row("page tables", memory.pageTables),
    ...(shared === undefined ? [] : sharedRows(shared, reasons)),
  ];
}

function sharedRows(shared: Fact<SharedMemoryFacts>, reasons: Reasons): readonly Row[] {
  if (!shared.known) return [{ label: "its share", text: reasons[shared.why] }];
  const { proportional, unique, proportionalSwap } = shared.value;
  return [
    { label: "its share", text: `${formatBytes(proportional)} (PSS)` },
    { label: "its alone", text: `${formatBytes(unique)} (USS)` },
    { label: "swap share", text: formatBytes(proportionalSwap) },
  ];
}

export function cpuRows(
  cpu: CpuFacts,
  io: Fact<IoFacts> | undefined,
  reasons: Reasons,
): readonly Row[] {
  const priority =
    cpu.realtimePriority === 0 ? `nice ${cpu.nice}` : `priority ${cpu.realtimePriority}`;
  return [
    { label: "user", text: formatDuration(cpu.userMs) },
    { label: "system", text: formatDuration(cpu.systemMs) },
    {
      label: "children",
      text: `${formatDuration(cpu.childrenUserMs)} user, ${formatDuration(cpu.childrenSystemMs)} system, of those that have ended`,
    },
    { label: "scheduling", text: `${cpu.policy}, ${priority}` },
    { label: "processors", text: `last on ${cpu.lastCpu}, may use ${cpu.allowedCpus}` },
    {
      label: "switches",
      text: `${cpu.voluntarySwitches ?? "?"} by waiting, ${cpu.involuntarySwitches ?? "?"} by force`,
    },
    { label: "page faults", text: `${cpu.minorFaults}, and ${cpu.majorFaults} from a disk` },
    ...(io === undefined ? [] : ioRows(io, reasons)),
  ];
}

function ioRows(io: Fact<IoFacts>, reasons: Reasons): readonly Row[] {
  if (!io.known) return [{ label: "I/O", text: reasons[io.why] }];
  const { value } = io;
  return [
    {
      label: "read",
      text: `${formatBytes(value.readBytes)} in ${value.readCalls} calls, ${formatBytes(value.diskReadBytes)} from disks`,
    },
    {
      label: "written",
      text: `${formatBytes(value.writtenBytes)} in ${value.writeCalls} calls, ${formatBytes(value.diskWrittenBytes)} to disks`,
    },
  ];
}

export function threadRows(threads: readonly ThreadFacts[]): string {
  const rows = threads.map(({ tid, state, userMs, systemMs, lastCpu, name }) => [
    `  ${tid}`,
    state,
    formatDuration(userMs),
    formatDuration(systemMs),
    String(lastCpu),
    printable(name),
  ]);
  return formatTable(["  TID", "STATE", "USER", "SYSTEM", "CPU", "NAME"], rows, null);
}

export function capabilityRows(sets: CapabilityFacts): readonly Row[] {
  return Object.entries(sets).map(([label, names]: [string, readonly string[]]) => ({
    label,
    text: list(names.map((name) => name.replace(/^CAP_/, "").toLowerCase())),
  }));
}

export function cgroupRows(cgroup: CgroupFacts, reasons: Reasons): readonly Row[] {
  const { path, version1, pressure } = cgroup;
  return [
    { label: "path", text: path === null ? "none" : printable(path) },
    ...Object.entries(version1).map(([controllers, place]) => ({
      label: controllers,
      text: printable(place),
    })),
    ...Object.entries(pressure).map(([resource, fact]) => ({
      label: `${resource} pressure`,
      text: pressureText(fact, reasons),
    })),
  ];
}

function pressureText(fact: Fact<Pressure>, reasons: Reasons): string {
  if (!fact.known) return reasons[fact.why];
  const { some, full } = fact.value;
  const text = `some ${formatPercent(some.last10s)} of 10 s, ${formatPercent(some.last60s)} of 60 s`;
  return full === null ? text : `${text}; all ${formatPercent(full.last10s)} of 10 s`;
}

export function namespaceRows(namespaces: readonly NamespaceFacts[]): readonly Row[] {
  return namespaces.map(({ name, inode, shared }) => ({
    label: name,
    text: `${inode}${shared ? "" : ", not ours"}`,
  }));
}
