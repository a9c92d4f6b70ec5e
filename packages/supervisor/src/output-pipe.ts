import { constants } from "node:fs";
import type { Kernel, Result } from "@supervise/sys";

/** The two ends of a service's stdout or stderr. */
export interface OutputPipe {
  /** Ours; non-blocking. */
  readonly read: number;
  /** The child's, open for reading and writing; ours is closed after the spawn. */
  readonly child: number;
}

/**
 * The child's end is opened anew through /proc with O_RDWR: as the service holds its own pipe open for reading, no write of it gets SIGPIPE
 * or EPIPE while no supervisor lives (pipe(7): "If all file descriptors referring to the read end of a pipe have been closed ..."); the bytes
 * wait in the kernel. Where /proc is missing the plain write end must do.
 */
export function openOutput(kernel: Kernel): OutputPipe | Result {
  const ends = kernel.pipe();
  if (typeof ends === "number") return ends;
  const both = kernel.open(`/proc/self/fd/${ends.write}`, constants.O_RDWR, 0);
  if (both < 0) return { read: ends.read, child: ends.write };
  kernel.close(ends.write);
  return { read: ends.read, child: both };
}

export function closeOutput(kernel: Kernel, pipe: OutputPipe): void {
  kernel.close(pipe.read);
  kernel.close(pipe.child);
}
