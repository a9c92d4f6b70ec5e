import type { Proc } from "./proc.js";

/** [real, effective, saved, file system] ids. */
export type IdSet = readonly [real: number, effective: number, saved: number, filesystem: number];

/** /proc/PID/status, as far as it is used (proc_pid_status(5)). */
export interface ProcessStatus {
  /** Thread group: equal to the PID for a process, another number where the PID is a mere thread's. */
  readonly tgid: number;
  readonly uids: IdSet;
  readonly gids: IdSet;
  readonly groups: readonly number[];
  /** Locked memory in kB; 0 for a kernel thread. */
  readonly lockedKilobytes: number;
  /** Capability sets by number. */
  readonly permitted: readonly number[];
  readonly bounding: readonly number[];
}

/** Null: no such process (any more). `pid` may be "self". */
export function readStatus(proc: Proc, pid: number | "self"): ProcessStatus | null {
  const text = proc.text(`${pid}/status`);
  return text === null ? null : parseStatus(text);
}

/** The name in the first line is escaped by the kernel (newlines too), so that a line's key cannot be forged. Null where a field is missing. */
export function parseStatus(text: string): ProcessStatus | null {
  const field = (key: string): string | null => {
    const start = text.indexOf(`\n${key}:`);
    if (start < 0) return null;
    const end = text.indexOf("\n", start + 1);
    return end < 0 ? null : text.slice(start + key.length + 2, end).trim();
  };
  const tgid = Number(field("Tgid") ?? Number.NaN);
  const uids = idSet(field("Uid"));
  const gids = idSet(field("Gid"));
  if (!Number.isInteger(tgid) || uids === null || gids === null) return null;
  const groups = field("Groups");
  return {
    tgid,
    uids,
    gids,
    groups: groups === null || groups === "" ? [] : groups.split(/\s+/).map(Number),
    lockedKilobytes: Number.parseInt(field("VmLck") ?? "0", 10),
    permitted: bits(field("CapPrm")),
    bounding: bits(field("CapBnd")),
  };
}

function idSet(text: string | null): IdSet | null {
  const ids = text?.split(/\s+/).map(Number);
  if (ids === undefined || ids.length !== 4 || ids.some((id) => !Number.isInteger(id))) return null;
  return [ids[0] as number, ids[1] as number, ids[2] as number, ids[3] as number];
}

function bits(hexadecimal: string | null): readonly number[] {
  if (hexadecimal === null || !/^[0-9a-f]+$/.test(hexadecimal)) return [];
  const mask = BigInt(`0x${hexadecimal}`);
  const found: number[] = [];
  for (let bit = 0; bit < hexadecimal.length * 4; bit += 1)
    if ((mask >> BigInt(bit)) & 1n) found.push(bit);
  return found;
}
