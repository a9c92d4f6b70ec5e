import { constants } from "node:os";

const names = new Map<number, string>();
for (const [name, number] of Object.entries(constants.errno))
  if (!names.has(number)) names.set(number, name);

/** What the calls of this program meet, in words a person can act on. Others are shown by their name alone. */
const texts: Readonly<Record<string, string>> = {
  EPERM: "operation not permitted",
  ENOENT: "no such file or directory",
  ESRCH: "no such process",
  EINTR: "interrupted",
  EIO: "input/output error",
  ENXIO: "no such device or address",
  E2BIG: "arguments and environment are too long",
  ENOEXEC: "not a program this machine can run",
  EBADF: "bad descriptor",
  EAGAIN: "too many processes, try again later",
  ENOMEM: "out of memory",
  EACCES: "permission denied",
  EFAULT: "bad address",
  EBUSY: "busy",
  EEXIST: "exists already",
  ENODEV: "no such device",
  ENOTDIR: "not a directory",
  EISDIR: "is a directory",
  EINVAL: "invalid argument",
  ENFILE: "too many open files in the system",
  EMFILE: "too many open files",
  ENOTTY: "not a terminal",
  ETXTBSY: "the program is being written",
  EFBIG: "file too large",
  ENOSPC: "no space left on device",
  EROFS: "read-only file system",
  EMLINK: "too many links",
  EPIPE: "broken pipe",
  ENAMETOOLONG: "name too long",
  ENOSYS: "not known to this kernel",
  ENOTEMPTY: "directory not empty",
  ELOOP: "too many symbolic links",
  EDQUOT: "disk quota exceeded",
  EOPNOTSUPP: "not supported",
  EUSERS: "too many users",
  ELIBBAD: "a shared library or interpreter is corrupted",
};

/** "ENOENT" for 2 or -2; the number where it has no name. */
export function errnoNameOf(errno: number): string {
  return names.get(Math.abs(errno)) ?? String(Math.abs(errno));
}

/** "no such file or directory" for "ENOENT". */
export function errnoText(name: string): string {
  return texts[name] ?? name;
}

/** "no such file or directory (ENOENT)". */
export function describeErrno(errno: number | string): string {
  const name = typeof errno === "string" ? errno : errnoNameOf(errno);
  const text = texts[name];
  return text === undefined ? name : `${text} (${name})`;
}

/** Errno name of an exception of node:fs; "EIO" for one without. */
export function errnoOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "EIO";
}
