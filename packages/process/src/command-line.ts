import type { Proc } from "./proc.js";
import { isLive, readStat } from "./stat.js";
import type { ProcessStat } from "./stat.js";

/** More of a command line than this helps no reader. */
const COMMAND_BYTES = 4096;

/**
 * The command of a process as ps(1) shows it: its words separated by blanks; "[name]" where it has none (kernel threads), with
 * "<defunct>" for a zombie. One of more than 4096 bytes is cut and ends in "...". Safe to print. Null: no such process.
 */
export function readCommandLine(
  proc: Proc,
  pid: number,
  stat: ProcessStat | null = readStat(proc, pid),
): string | null {
  if (stat === null) return null;
  if (!isLive(stat)) return `[${printable(Buffer.from(stat.comm, "latin1"))}] <defunct>`;
  const bytes = proc.bytes(`${pid}/cmdline`, COMMAND_BYTES);
  if (bytes === null) return null;
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  if (end === 0) return `[${printable(Buffer.from(stat.comm, "latin1"))}]`;
  const words = Buffer.from(bytes.subarray(0, end));
  for (let index = 0; index < end; index += 1) if (words[index] === 0) words[index] = 0x20;
  const text = printable(words);
  // Half a character at the end is none.
  return bytes.length < COMMAND_BYTES ? text : `${text.replace(/\ufffd$/u, "")}...`;
}

/**
 * Text that does nothing to a terminal: C0, DEL and C1 control characters, line separators, and those that turn the direction of
 * writing, are written as escapes; bytes that are not UTF-8 become U+FFFD.
 */
export function printable(bytes: Uint8Array | string): string {
  const text =
    typeof bytes === "string"
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  return text.replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, escapeOf);
}

function escapeOf(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\t") return "\\t";
  if (character === "\r") return "\\r";
  const code = character.charCodeAt(0);
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}
