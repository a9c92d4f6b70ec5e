import { errnoName, errnoText, type Kernel } from "@supervise/sys";

/** The system calls that this package makes through the kernel. */
export type LogKernel = Pick<
  Kernel,
  "read" | "readable" | "widenPipe" | "write" | "open" | "close" | "connectSocket" | "send"
>;

/** Something that keeps lines from a sink. The services go on. */
export interface LogProblem {
  readonly kind: "pipe" | "file" | "terminal" | "syslog" | "service";
  /** One sentence: what cannot be done and why. */
  readonly message: string;
}

/** Numbers of Linux that are expected here. */
export const errno = { EINTR: -4, EIO: -5, EAGAIN: -11, EPIPE: -32 } as const;

/** "no space left on device (ENOSPC)" for a negative errno. */
export function causeOf(negativeErrno: number): string {
  return `${errnoText(negativeErrno)} (${errnoName(negativeErrno)})`;
}

/** The negative errno of an exception of node:fs; -EIO where it carries none. */
export function errnoOf(thrown: unknown): number {
  if (thrown instanceof Error && "errno" in thrown && typeof thrown.errno === "number")
    return thrown.errno;
  return errno.EIO;
}
