import type { ListedDescriptor } from "@supervise/sys";
import { isLive, parseStat } from "../stat.js";
import type { ProcessStat } from "../stat.js";
import { known, unknown, unknownOf } from "./fact.js";
import type { Fact } from "./fact.js";
import { inodeOf } from "./inode.js";
import { lazily } from "./lazily.js";
import { countOpenFiles } from "./open-files.js";
import type { Look } from "./look.js";
import type { InspectSource } from "./source.js";
import type { SocketTables } from "./sockets/tables.js";
import { parseStatusFields } from "./status-fields.js";
import type { StatusFields } from "./status-fields.js";

/** One process while it is looked at: what several groups of facts need is read once. */
export interface ProcessView {
  readonly source: InspectSource;
  /** What the processes of one moment share. */
  readonly look: Look;
  readonly pid: number;
  readonly stat: ProcessStat;
  /** Field of proc_pid_stat(5) by its number there, from 3 on; NaN: the kernel has no such field. */
  readonly field: (number: number) => number;
  /** Of the network namespace that it is in. */
  readonly sockets: () => SocketTables;
  readonly descriptorList: () => Fact<readonly ListedDescriptor[]>;
  /** Text of /proc/PID/limits, and how many descriptors are open. */
  readonly limits: () => Fact<string>;
  readonly openFiles: () => Fact<number>;
  readonly status: () => Fact<StatusFields>;
  /** A file, a link and a directory below /proc/PID. Bytes are valid until the next read. */
  readonly bytes: (path: string, limit?: number) => Fact<Buffer>;
  readonly text: (path: string, limit?: number) => Fact<string>;
  readonly link: (path: string) => Fact<string>;
  readonly names: (path: string) => Fact<readonly string[]>;
}

const STAT_BYTES = 4096;

/** Null: no such process. */
export function viewProcess(look: Look, pid: number): ProcessView | null {
  const { source } = look;
  const text = source.text(`${pid}/stat`, STAT_BYTES);
  const stat = typeof text === "number" ? null : parseStat(text);
  if (typeof text === "number" || stat === null) return null;
  let fields: readonly string[] | null = null;
  let status: Fact<StatusFields> | null = null;

  const alive = (): boolean => isLive(stat) && sameStart(source, stat);
  const fact = <Value>(found: Value | number): Fact<Value> =>
    typeof found === "number" ? unknown(unknownOf(found, alive)) : known(found);
  const file = (path: string, limit?: number): Fact<string> =>
    fact(source.text(`${pid}/${path}`, limit));
  return {
    source,
    look,
    pid,
    stat,
    field(number) {
      fields ??= text.slice(text.lastIndexOf(")") + 2).split(" ");
      return Number(fields[number - 3] ?? Number.NaN);
    },
    sockets: lazily(() => {
      const target = source.link(`${pid}/ns/net`);
      return look.socketsOf(typeof target === "number" ? null : inodeOf(target), pid);
    }),
    descriptorList: () => fact(source.calls.descriptorList(`${source.root}/${pid}`)),
    limits: lazily(() => file("limits")),
    openFiles: lazily(() => countOpenFiles(source, pid, () => fact(source.names(`${pid}/fd`)))),
    status() {
      if (status !== null) return status;
      const content = file("status");
      return (status = content.known ? known(parseStatusFields(content.value)) : content);
    },
    bytes: (path, limit) => fact(source.bytes(`${pid}/${path}`, limit)),
    text: file,
    link: (path) => fact(source.link(`${pid}/${path}`)),
    names: (path) => fact(source.names(`${pid}/${path}`)),
  };
}

/** Is it still the process that this was read of, and no other of the same number? */
export function sameStart(source: InspectSource, stat: ProcessStat): boolean {
  const text = source.text(`${stat.pid}/stat`, STAT_BYTES);
  if (typeof text === "number") return false;
  // Field 22, where the field behind the name is the third.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ", 20);
  return Number(fields[19]) === stat.startTicks;
}
