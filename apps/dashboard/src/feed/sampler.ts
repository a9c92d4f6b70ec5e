import type { ProcessRow } from "@supervise/model";
import { createUsageSampler, inspectProcesses, pidsOf } from "@supervise/process";
import type { Descriptor, Inspected, InspectSource } from "@supervise/process";
import { GROUPS_OF_TAB } from "../model/detail.js";
import type { Sample, Tab } from "../model/model.js";

/** Asks the kernel about processes that the supervisor named. */
export interface Sampler {
  /** Of each that can be looked at; one that has gone is left out. `ports`: listening ports too. */
  sample(rows: readonly ProcessRow[], ports: boolean): Promise<ReadonlyMap<number, Sample>>;
  /** What a tab shows of a process. `among`: where the other ends of its pipes and sockets may be. */
  look(row: ProcessRow, among: readonly number[], tab: Tab): Inspected;
}

/** So many processes are looked at in one go: a key that is pressed meanwhile waits for them. */
const SLICE = 10;
/** In a system with more processes the other ends are looked for only among those of the service and the supervisor. */
const EVERYWHERE_PROCESSES = 200;

/**
 * A number means a process only in its own PID namespace: where group and session are not those that the supervisor told, it is another process that
 * happens to have the number here, and nothing is told of it.
 */
export function createSampler(source: InspectSource): Sampler {
  const usage = createUsageSampler();
  /** By number; those that were asked longest ago stand first. */
  let known = new Map<number, readonly string[]>();

  /** Descriptors are dear: of processes whose ports are known only some are asked again with each look. */
  const findPorts = async (rows: readonly ProcessRow[]): Promise<void> => {
    const pids = new Set(rows.map(({ pid }) => pid));
    known = new Map([...known].filter(([pid]) => pids.has(pid)));
    const anew = [...pids].filter((pid) => !known.has(pid));
    const again = [...known.keys()].slice(0, SLICE);
    for (const part of slices([...anew, ...again])) {
      for (const one of inspectProcesses(source, part, { groups: ["descriptors"] })) {
        if (one.outcome !== "read") continue;
        const { pid, descriptors } = one.process;
        known.delete(pid);
        known.set(pid, descriptors.known ? portsOf(descriptors.value) : []);
      }
      await letKeysIn();
    }
  };
  return {
    async sample(rows, ports) {
      const used = await usage.sample(rows.map(({ pid }) => pid));
      const samples = new Map<number, Sample>();
      if (ports) await findPorts(rows);
      for (const part of slices(rows)) {
        const pids = part.map(({ pid }) => pid);
        const found = inspectProcesses(source, pids, { groups: ["openFiles"] });
        for (const [index, row] of part.entries()) {
          const one = found[index];
          if (one?.outcome !== "read" || !isSame(row, one)) continue;
          const { openFiles, startedAt } = one.process;
          const measured = used.get(row.pid);
          samples.set(row.pid, {
            cpuPercent: measured?.cpuPercent ?? null,
            memoryBytes: measured?.residentBytes ?? null,
            descriptors: openFiles.known ? openFiles.value.count : null,
            descriptorLimit: openFiles.known ? openFiles.value.soft : null,
            ports: ports ? (known.get(row.pid) ?? []) : [],
            startedMs: startedAt === null ? null : Date.parse(startedAt),
          });
        }
        await letKeysIn();
      }
      return samples;
    },
    look(row, among, tab) {
      const gone: Inspected = { outcome: "gone", pid: row.pid };
      const groups = GROUPS_OF_TAB[tab];
      const wide = groups.includes("descriptors");
      const pids = wide ? [row.pid, ...among.filter((pid) => pid !== row.pid)] : [row.pid];
      const everywhere = wide && pidsOf(source).length <= EVERYWHERE_PROCESSES;
      const [one = gone] = inspectProcesses(source, pids, {
        groups,
        ...(wide ? { ends: everywhere ? "everywhere" : "among" } : {}),
        countUserProcesses: tab === "limits",
      });
      return isSame(row, one) ? one : gone;
    },
  };
}

function* slices<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += SLICE) yield items.slice(from, from + SLICE);
}

function letKeysIn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function isSame(row: ProcessRow, found: Inspected<never>): boolean {
  return (
    found.outcome === "read" &&
    found.process.processGroup === row.pgid &&
    found.process.session === row.sid
  );
}

/** "8080", or "53/udp"; each once, in order. */
export function portsOf(descriptors: readonly Descriptor[]): readonly string[] {
  const found = new Map<string, number>();
  for (const descriptor of descriptors) {
    if (descriptor.kind !== "socket") continue;
    const { socket } = descriptor;
    if (socket.family !== "ipv4" && socket.family !== "ipv6") continue;
    const { port } = socket.local;
    if (socket.protocol === "tcp" && socket.state === "listen") found.set(String(port), port);
    if (socket.protocol === "udp" && socket.remote === null && port > 0)
      found.set(`${port}/udp`, port);
  }
  return [...found].toSorted(([, one], [, other]) => one - other).map(([text]) => text);
}
