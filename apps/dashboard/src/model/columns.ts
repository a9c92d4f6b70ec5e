import type { ServiceStatus } from "@supervise/model";
import { healthWord, STATE_KINDS } from "@supervise/model";
import type { ColumnId } from "./column-id.js";
import type { Model, Sample } from "./model.js";
import type { TableRow } from "./rows.js";
import { formatBytes, formatCount, formatUptime } from "../text/quantity.js";
import { visible } from "../text/visible.js";

export interface Column {
  readonly id: ColumnId;
  readonly title: string;
  /** In columns of the screen; the name takes what its texts need and the reason what is left. */
  readonly width: number;
  readonly right: boolean;
  /** The lower, the sooner it is left out where the screen is narrow. */
  readonly weight: number;
}

const DESCRIPTORS_WIDTH = 10;

export const COLUMNS: readonly Column[] = [
  { id: "name", title: "NAME", width: 16, right: false, weight: 100 },
  { id: "state", title: "STATE", width: 11, right: false, weight: 99 },
  { id: "pid", title: "PID", width: 7, right: true, weight: 90 },
  { id: "ppid", title: "PPID", width: 7, right: true, weight: 40 },
  { id: "pgid", title: "PGID", width: 7, right: true, weight: 41 },
  { id: "sid", title: "SID", width: 7, right: true, weight: 45 },
  { id: "tty", title: "TTY", width: 7, right: false, weight: 42 },
  { id: "descriptors", title: "FDS", width: DESCRIPTORS_WIDTH, right: true, weight: 60 },
  { id: "cpu", title: "CPU%", width: 6, right: true, weight: 80 },
  { id: "memory", title: "MEM", width: 6, right: true, weight: 79 },
  { id: "uptime", title: "UPTIME", width: 7, right: true, weight: 70 },
  { id: "restarts", title: "RST", width: 4, right: true, weight: 65 },
  { id: "health", title: "HEALTH", width: 9, right: false, weight: 50 },
  { id: "ports", title: "PORTS", width: 12, right: false, weight: 44 },
  { id: "reason", title: "REASON", width: 16, right: false, weight: 95 },
];

/** What stands in one cell, ready for the screen. */
export function cellText(model: Model, row: TableRow, id: ColumnId): string {
  const { status } = row;
  const process = row.kind === "process" ? row.process : row.main;
  const pid = row.kind === "process" ? row.process.pid : status.pid;
  const sample = pid === null ? undefined : model.samples.get(pid);
  switch (id) {
    case "name":
      return row.kind === "process" ? visible(row.process.command) : status.name;
    case "state":
      if (row.kind === "process") return row.process.stat;
      return status.stage ?? status.state;
    case "pid":
      return pid === null ? "-" : String(pid);
    case "ppid":
      return numberText(process?.ppid);
    case "pgid":
      return numberText(process?.pgid);
    case "sid":
      return numberText(process?.sid);
    case "tty":
      return process?.tty ?? "-";
    case "descriptors":
      return descriptorsText(sample);
    case "cpu":
      return typeof sample?.cpuPercent === "number" ? sample.cpuPercent.toFixed(1) : "-";
    case "memory":
      return typeof sample?.memoryBytes === "number" ? formatBytes(sample.memoryBytes) : "-";
    case "uptime":
      return uptimeText(model, row, sample);
    case "restarts":
      return row.kind === "process" ? "" : String(status.restarts);
    case "health":
      return row.kind === "process" ? "-" : (healthWord(status) ?? "-");
    case "ports":
      return sample === undefined || sample.ports.length === 0 ? "-" : sample.ports.join(",");
    case "reason":
      if (row.kind === "process") return "";
      return visible(
        status.statusText === null ? status.reason : `${status.reason}; ${status.statusText}`,
      );
  }
}

function uptimeText(model: Model, row: TableRow, sample: Sample | undefined): string {
  const { pid, startedAt } = row.status;
  const ofService = pid === null || startedAt === null ? null : Date.parse(startedAt);
  const sinceMs = row.kind === "process" ? (sample?.startedMs ?? null) : ofService;
  return sinceMs === null ? "-" : formatUptime(model.nowMs - sinceMs);
}

function descriptorsText(sample: Sample | undefined): string {
  if (sample === undefined || sample.descriptors === null) return "-";
  const { descriptors, descriptorLimit: limit } = sample;
  const text = `${descriptors}/${limit ?? "-"}`;
  // Limits of a million and more are usual in containers.
  return text.length <= DESCRIPTORS_WIDTH || limit === null
    ? text
    : `${descriptors}/${formatCount(limit)}`;
}

function numberText(value: number | undefined): string {
  return value === undefined ? "-" : String(value);
}

/** Orders services; what has no value stands at the end whichever way, and equal ones by name. */
export function compareIn(
  model: Model,
  id: ColumnId,
  descending: boolean,
): (one: ServiceStatus, other: ServiceStatus) => number {
  const sign = descending ? -1 : 1;
  const keys = new Map<string, string | number | null>();
  const keyOf = (status: ServiceStatus): string | number | null => {
    let key = keys.get(status.name);
    if (key === undefined) {
      key = sortKey(model, status, id);
      keys.set(status.name, key);
    }
    return key;
  };
  return (one, other) => {
    const [a, b] = [keyOf(one), keyOf(other)];
    if (a === null || b === null) {
      if (a !== b) return a === null ? 1 : -1;
    } else if (typeof a === "number" && typeof b === "number") {
      if (a !== b) return sign * (a - b);
    } else {
      const found = compareNames(String(a), String(b));
      if (found !== 0) return sign * found;
    }
    return compareNames(one.name, other.name);
  };
}

function sortKey(model: Model, status: ServiceStatus, id: ColumnId): string | number | null {
  const main = model.processes.get(status.name)?.find((process) => process.main);
  const sample = status.pid === null ? undefined : model.samples.get(status.pid);
  switch (id) {
    case "name":
      return status.name;
    case "state":
      return STATE_KINDS.indexOf(status.state);
    case "pid":
      return status.pid;
    case "ppid":
      return main?.ppid ?? null;
    case "pgid":
      return main?.pgid ?? null;
    case "sid":
      return main?.sid ?? null;
    case "tty":
      return main?.tty ?? null;
    case "descriptors":
      return sample?.descriptors ?? null;
    case "cpu":
      return sample?.cpuPercent ?? null;
    case "memory":
      return sample?.memoryBytes ?? null;
    case "uptime":
      return status.pid === null || status.startedAt === null
        ? null
        : model.nowMs - Date.parse(status.startedAt);
    case "restarts":
      return status.restarts;
    case "health":
      return healthWord(status);
    case "ports":
      return sample?.ports[0] === undefined ? null : Number.parseInt(sample.ports[0], 10);
    case "reason":
      return status.reason;
  }
}

/** Numbers in names by their value: "web-2" before "web-10". Hand-made, for it runs ten thousand times in a redraw of a thousand services. */
export function compareNames(one: string, other: string): number {
  let a = 0;
  let b = 0;
  while (a < one.length && b < other.length) {
    const [x, y] = [one.charCodeAt(a), other.charCodeAt(b)];
    if (isDigit(x) && isDigit(y)) {
      const [endA, endB] = [endOfDigits(one, a), endOfDigits(other, b)];
      const difference = Number(one.slice(a, endA)) - Number(other.slice(b, endB));
      if (difference !== 0) return difference;
      a = endA;
      b = endB;
    } else if (x === y) {
      a += 1;
      b += 1;
    } else return x - y;
  }
  return one.length - a - (other.length - b);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function endOfDigits(text: string, from: number): number {
  let at = from;
  while (isDigit(text.charCodeAt(at))) at += 1;
  return at;
}
