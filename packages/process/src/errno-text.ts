import { errnoName, errnoNumber, errnoText } from "@supervise/sys";

/** Where the usual words mislead whoever starts services. */
const texts: Readonly<Record<string, string>> = {
  E2BIG: "arguments and environment are too long",
  EAGAIN: "too many processes for this user or cgroup",
  ENOEXEC: "not a program that this machine can run",
  ENOMEM: "out of memory",
  ETXTBSY: "the program is being written",
  ELIBBAD: "its interpreter is corrupted",
  ELOOP: "too many symbolic links",
};

/** "ENOENT" for 2 as for -2. */
export function errnoNameOf(errno: number): string {
  return errnoName(-Math.abs(errno));
}

/** What "ENOENT" means for a spawn: "no such file or directory". */
export function spawnErrorText(name: string): string {
  const own = texts[name];
  if (own !== undefined) return own;
  const number = errnoNumber(name);
  return number === null ? name : errnoText(number);
}

/** Errno name of an exception of node:fs; "EIO" for one without. */
export function errnoOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "EIO";
}
