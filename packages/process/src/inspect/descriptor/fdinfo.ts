import { flagNames } from "../bit-names.js";

/** /proc/PID/fdinfo/FD: lines "key: value", of which some kinds of descriptors have many with the same key. */
export interface FdInfo {
  readonly offset: number;
  /** Flags of open(2) as the kernel keeps them. */
  readonly flags: number;
  /** Inode of a pipe, a file ... (Linux 5.14); null: not told. */
  readonly inode: number | null;
  /** Value of the first line of that key; null: none. */
  readonly value: (key: string) => string | null;
  /** Lines that begin with this word, whole. */
  readonly lines: (word: string) => readonly string[];
}

/** Null where the text is none of fdinfo. */
export function parseFdInfo(text: string): FdInfo | null {
  const value = (key: string): string | null => {
    const line = lineOf(text, `${key}:`);
    return line === null ? null : line.slice(key.length + 1).trim();
  };
  const offset = value("pos");
  const flags = value("flags");
  if (offset === null || flags === null || !/^-?\d+$/.test(offset) || !/^[0-7]+$/.test(flags))
    return null;
  const inode = value("ino");
  return {
    offset: Number(offset),
    flags: Number.parseInt(flags, 8),
    inode: inode === null ? null : Number(inode),
    value,
    lines: (word) =>
      text.includes(`\n${word}`) ? text.split("\n").filter((line) => line.startsWith(word)) : [],
  };
}

function lineOf(text: string, start: string): string | null {
  const at = text.startsWith(start) ? 0 : text.indexOf(`\n${start}`) + 1;
  if (at === 0 && !text.startsWith(start)) return null;
  const end = text.indexOf("\n", at);
  return text.slice(at, end < 0 ? text.length : end);
}

export type Access = "read" | "write" | "read-write" | "path";

const ACCESS_MODE = 3;
const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;

/** Numbers of asm-generic/fcntl.h; x86 and ARM64 differ in some, see below. Those of several bits come first. */
const FLAGS: readonly (readonly [name: string, flag: number])[] = [
  ["O_SYNC", 0o4010000],
  ["O_DSYNC", 0o10000],
  ["O_CREAT", 0o100],
  ["O_EXCL", 0o200],
  ["O_NOCTTY", 0o400],
  ["O_TRUNC", 0o1000],
  ["O_APPEND", 0o2000],
  ["O_NONBLOCK", 0o4000],
  ["O_ASYNC", 0o20000],
  ["O_NOATIME", 0o1000000],
];

const ARM = process.arch === "arm" || process.arch === "arm64";
/** The four that differ. O_LARGEFILE is left out: the kernel sets it on every file of a 64-bit program. */
const MACHINE_FLAGS: readonly (readonly [name: string, flag: number])[] = ARM
  ? [
      ["O_DIRECTORY", 0o40000],
      ["O_NOFOLLOW", 0o100000],
      ["O_DIRECT", 0o200000],
    ]
  : [
      ["O_DIRECT", 0o40000],
      ["O_DIRECTORY", 0o200000],
      ["O_NOFOLLOW", 0o400000],
    ];
const O_LARGEFILE = ARM ? 0o400000 : 0o100000;
/** With O_DIRECTORY in it, so that it is looked for before that one. */
const O_TMPFILE = 0o20000000 | (ARM ? 0o40000 : 0o200000);

export function accessOf(flags: number): Access {
  if ((flags & O_PATH) !== 0) return "path";
  const mode = flags & ACCESS_MODE;
  return mode === 0 ? "read" : mode === 1 ? "write" : "read-write";
}

export function closesOnExec(flags: number): boolean {
  return (flags & O_CLOEXEC) !== 0;
}

/** Flags by name, without the mode of access, close-on-exec and O_LARGEFILE. */
export function openFlagNames(flags: number): readonly string[] {
  const all = [["O_TMPFILE", O_TMPFILE] as const, ...FLAGS, ...MACHINE_FLAGS];
  // Bits without a name in open(2) are the kernel's own.
  return flagNames(flags & ~(ACCESS_MODE | O_PATH | O_CLOEXEC | O_LARGEFILE), all).filter((name) =>
    name.startsWith("O_"),
  );
}
