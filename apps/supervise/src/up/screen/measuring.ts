import type { ProcessRow } from "@supervise/model";
import {
  inspectProcesses,
  openInspectSource,
  valueOr,
  type InspectCalls,
  type ProcessSnapshot,
} from "@supervise/process";
import type { Measured } from "./screen-state.js";

/** Descriptors are looked at less often than counters: it takes longer, and ports seldom change. */
const PORTS_EVERY = 5;
const MS_PER_SECOND = 1000;

type Snapshot = ProcessSnapshot<"cpu" | "memory" | "descriptors">;

/** Takes processor time, memory and ports of services, from /proc. Nothing is looked at between two calls. */
export interface Measuring {
  take(rows: readonly ProcessRow[], monotonicMs: number): ReadonlyMap<string, Measured>;
}

export function createMeasuring(calls: InspectCalls): Measuring {
  const source = openInspectSource(calls);
  /** By PID. A number that is another process by now is found out by its time going back. */
  let before = new Map<number, number>();
  let beforeMs = 0;
  let ports = new Map<string, readonly number[]>();
  let looks = 0;
  return {
    take(rows, monotonicMs) {
      const withPorts = looks % PORTS_EVERY === 0;
      looks += 1;
      const found = inspectProcesses(
        source,
        rows.map(({ pid }) => pid),
        { groups: withPorts ? ["cpu", "memory", "descriptors"] : ["cpu", "memory"] },
      );
      const seconds = (monotonicMs - beforeMs) / MS_PER_SECOND;
      const now = new Map<number, number>();
      const measured = new Map<
        string,
        { cpu: number | null; memory: number; ports: Set<number> }
      >();
      found.forEach((one, index) => {
        const name = rows[index]?.service;
        if (one.outcome === "gone" || name === undefined) return;
        const snapshot = one.process as Snapshot;
        const cpu = valueOr(snapshot.cpu);
        const usedMs = cpu === null ? 0 : cpu.userMs + cpu.systemMs;
        now.set(snapshot.pid, usedMs);
        const was = before.get(snapshot.pid);
        const sum = measured.get(name) ?? { cpu: null, memory: 0, ports: new Set<number>() };
        if (was !== undefined && usedMs >= was && seconds > 0)
          sum.cpu = (sum.cpu ?? 0) + (usedMs - was) / seconds / 10;
        sum.memory += valueOr(snapshot.memory)?.resident ?? 0;
        if (withPorts) for (const port of portsOf(snapshot)) sum.ports.add(port);
        measured.set(name, sum);
      });
      before = now;
      beforeMs = monotonicMs;
      if (withPorts)
        ports = new Map(
          Array.from(measured, ([name, sum]) => [
            name,
            [...sum.ports].toSorted((left, right) => left - right),
          ]),
        );
      return new Map(
        Array.from(measured, ([name, { cpu, memory }]) => [
          name,
          { cpuPercent: cpu, memoryBytes: memory, ports: ports.get(name) ?? [] },
        ]),
      );
    },
  };
}

function portsOf({ descriptors }: Snapshot): readonly number[] {
  return (valueOr(descriptors) ?? []).flatMap((descriptor) => {
    if (descriptor.kind !== "socket") return [];
    const { socket } = descriptor;
    return "local" in socket && socket.protocol === "tcp" && socket.state === "listen"
      ? [socket.local.port]
      : [];
  });
}
