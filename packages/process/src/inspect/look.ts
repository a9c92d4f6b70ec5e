import { parseMountInfo } from "../cgroup/mount.js";
import { readPressures } from "./cgroup-facts.js";
import type { CgroupFacts } from "./cgroup-facts.js";
import { inodeOf } from "./inode.js";
import { lazily } from "./lazily.js";
import { pidsOf } from "./source.js";
import type { InspectSource } from "./source.js";
import { numberField, numbersField, parseStatusFields } from "./status-fields.js";
import { readSocketTables } from "./sockets/tables.js";
import type { SocketTables } from "./sockets/tables.js";

/** What all processes that are looked at in one moment share; each part is read when the first of them needs it. */
export interface Look {
  readonly source: InspectSource;
  /** When the machine was started, in ms since 1970. Null: /proc/uptime is hidden. */
  readonly bootMs: () => number | null;
  /** Number of our own namespace of this name; null: the kernel has none. */
  readonly ownNamespace: (name: string) => number | null;
  /** Read once for each cgroup: most processes share theirs. */
  readonly pressureOf: (cgroup: string | null) => CgroupFacts["pressure"];
  /** All threads of the processes of a user, which RLIMIT_NPROC counts: one look at every process. Null: not asked for. */
  readonly threadsOf: (uid: number) => number | null;
  /** `pid`: any process in the network namespace of that number. */
  readonly socketsOf: (namespace: number | null, pid: number) => SocketTables;
}

/** `countUserProcesses`: whether `threadsOf` may look at every process. */
export function takeLook(source: InspectSource, countUserProcesses: boolean): Look {
  const namespaces = new Map<string, number | null>();
  const tables = new Map<number | null, SocketTables>();
  const pressures = new Map<string | null, CgroupFacts["pressure"]>();
  const cgroupMount = lazily(() => {
    const text = source.text("self/mountinfo");
    return typeof text === "number" ? null : parseMountInfo(text);
  });
  const look: Look = {
    source,
    bootMs: lazily(() => readBootMs(source)),
    ownNamespace(name) {
      let inode = namespaces.get(name);
      if (inode === undefined) namespaces.set(name, (inode = readOwnNamespace(source, name)));
      return inode;
    },
    pressureOf(cgroup) {
      let found = pressures.get(cgroup);
      if (found === undefined)
        pressures.set(cgroup, (found = readPressures(source, cgroupMount(), cgroup)));
      return found;
    },
    threadsOf: (uid) => (countUserProcesses ? (counts().get(uid) ?? 0) : null),
    socketsOf(namespace, pid) {
      let found = tables.get(namespace);
      if (found === undefined) {
        const own = namespace !== null && namespace === look.ownNamespace("net");
        tables.set(namespace, (found = readSocketTables(source, pid, own)));
      }
      return found;
    },
  };
  const counts = lazily(() => countThreads(source));
  return look;
}

function readBootMs(source: InspectSource): number | null {
  const text = source.text("uptime");
  const seconds = typeof text === "number" ? Number.NaN : Number.parseFloat(text);
  return Number.isNaN(seconds) ? null : Date.now() - Math.round(seconds * 1000);
}

function readOwnNamespace(source: InspectSource, name: string): number | null {
  const target = source.link(`self/ns/${name}`);
  return typeof target === "number" ? null : inodeOf(target);
}

/** By the real uid, as the kernel counts. */
function countThreads(source: InspectSource): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const pid of pidsOf(source)) {
    const text = source.text(`${pid}/status`);
    if (typeof text === "number") continue;
    const fields = parseStatusFields(text);
    const uid = numbersField(fields, "Uid")[0];
    const threads = numberField(fields, "Threads") ?? 1;
    if (uid !== undefined) counts.set(uid, (counts.get(uid) ?? 0) + threads);
  }
  return counts;
}
