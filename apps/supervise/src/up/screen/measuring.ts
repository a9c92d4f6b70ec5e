import type { ProcessRow } from "@supervise/model";
import {
  inspectProcesses,
  openInspectSource,
  valueOr,
  type InspectCalls,
  type ProcessSnapshot,
} from "@supervise/process";
import type { Measured } from "./screen-state.js";

/** Descriptors are looked at less often than counters, once a process has been seen so often: it takes longer, and ports seldom change then. */
const PORTS_EVERY = 5;
const MS_PER_SECOND = 1000;

type Snapshot = ProcessSnapshot<"cpu" | "memory"> & Partial<ProcessSnapshot<"descriptors">>;

/** Takes processor time, memory and ports of services, from /proc. Nothing is looked at between two calls. */
export interface Measuring {
  take(rows: readonly ProcessRow[], monotonicMs: number): ReadonlyMap<string, Measured>;
}

/** What is known of a process. A number that is another process by now is found out by its time going back. */
interface Known {
  readonly usedMs: number;
  readonly looks: number;
  readonly ports: readonly number[];
}

export function createMeasuring(calls: InspectCalls): Measuring {
  const source = openInspectSource(calls);
  /** By PID. */
  let before = new Map<number, Known>();
  let beforeMs = 0;
  return {
    take(rows, monotonicMs) {
      const withPorts = rows.filter(({ pid }) => wantsPorts(before.get(pid)?.looks ?? 0));
      const without = rows.filter(({ pid }) => !wantsPorts(before.get(pid)?.looks ?? 0));
      const seconds = (monotonicMs - beforeMs) / MS_PER_SECOND;
      const now = new Map<number, Known>();
      const sums = new Map<string, { cpu: number | null; memory: number; ports: Set<number> }>();
      const add = (service: string, snapshot: Snapshot): void => {
        const { pid } = snapshot;
        const cpu = valueOr(snapshot.cpu);
        const usedMs = cpu === null ? 0 : cpu.userMs + cpu.systemMs;
        const was = before.get(pid);
        const same = was !== undefined && usedMs >= was.usedMs ? was : null;
        const ports = "descriptors" in snapshot ? portsOf(snapshot) : (same?.ports ?? []);
        now.set(pid, { usedMs, looks: (same?.looks ?? 0) + 1, ports });
        const sum = sums.get(service) ?? { cpu: null, memory: 0, ports: new Set<number>() };
        if (same !== null && seconds > 0)
          sum.cpu = (sum.cpu ?? 0) + (usedMs - same.usedMs) / seconds / 10;
        sum.memory += valueOr(snapshot.memory)?.resident ?? 0;
        for (const port of ports) sum.ports.add(port);
        sums.set(service, sum);
      };
      const look = (some: readonly ProcessRow[], ports: boolean): void => {
        const found = inspectProcesses(
          source,
          some.map(({ pid }) => pid),
          { groups: ports ? ["cpu", "memory", "descriptors"] : ["cpu", "memory"] },
        );
        found.forEach((one, index) => {
          const service = some[index]?.service;
          if (one.outcome === "gone" || service === undefined) return;
          add(service, one.process);
        });
      };
      if (withPorts.length > 0) look(withPorts, true);
      if (without.length > 0) look(without, false);
      before = now;
      beforeMs = monotonicMs;
      return new Map(
        Array.from(sums, ([name, { cpu, memory, ports }]) => [
          name,
          {
            cpuPercent: cpu,
            memoryBytes: memory,
            ports: [...ports].toSorted((left, right) => left - right),
          },
        ]),
      );
    },
  };
}

/** A new process begins to listen within its first seconds. */
function wantsPorts(looks: number): boolean {
  return looks < PORTS_EVERY || looks % PORTS_EVERY === 0;
}

function portsOf({ descriptors }: Snapshot): readonly number[] {
  const found = descriptors === undefined ? null : valueOr(descriptors);
  return (found ?? []).flatMap((descriptor) => {
    if (descriptor.kind !== "socket") return [];
    const { socket } = descriptor;
    return "local" in socket && socket.protocol === "tcp" && socket.state === "listen"
      ? [socket.local.port]
      : [];
  });
}
