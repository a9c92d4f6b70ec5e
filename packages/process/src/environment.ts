import type { Proc } from "./proc.js";

/**
 * The environment a process was started with, entry by entry, as bytes ("KEY=value"). What it set later itself is not seen. Null: gone, or
 * not ours to read (ptrace access is needed, see proc_pid_environ(5)).
 */
export function readEnvironmentOf(proc: Proc, pid: number | "self"): readonly Uint8Array[] | null {
  const bytes = proc.bytes(`${pid}/environ`);
  return bytes === null ? null : splitAtNul(Buffer.from(bytes));
}

/** Our own environment as it was given to us, untouched by Node, which would read it as UTF-8. Empty where /proc is not there. */
export function readOwnEnvironment(proc: Proc): readonly Uint8Array[] {
  return readEnvironmentOf(proc, "self") ?? [];
}

/** INVOCATION_ID of the environment a process was started with: the run it belongs to. Null: none, gone, or not ours to read. */
export function readInvocationId(proc: Proc, pid: number): string | null {
  const bytes = proc.bytes(`${pid}/environ`);
  if (bytes === null) return null;
  const key = "INVOCATION_ID=";
  const first = bytes.toString("latin1", 0, key.length) === key;
  const before = first ? -1 : bytes.indexOf(`\0${key}`, 0, "latin1");
  if (!first && before < 0) return null;
  const start = before + 1 + key.length;
  const end = bytes.indexOf(0, start);
  return bytes.toString("latin1", start, end < 0 ? bytes.length : end);
}

/** Value of the first variable of that name (ASCII), which is the one getenv(3) finds; null: not set. */
export function valueOf(environment: readonly Uint8Array[], name: string): string | null {
  for (const entry of environment)
    if (nameOf(entry) === name) return Buffer.from(entry).toString("utf8", name.length + 1);
  return null;
}

/** The part before "=", one character a byte; null where there is no "=". */
export function nameOf(entry: Uint8Array): string | null {
  const end = entry.indexOf(0x3d);
  return end < 0 ? null : Buffer.from(entry.buffer, entry.byteOffset, end).toString("latin1");
}

function splitAtNul(bytes: Buffer): readonly Uint8Array[] {
  const entries: Uint8Array[] = [];
  let start = 0;
  while (start < bytes.length) {
    let end = bytes.indexOf(0, start);
    if (end < 0) end = bytes.length;
    if (end > start) entries.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return entries;
}
