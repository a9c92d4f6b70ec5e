import type { Core } from "@supervise/supervisor";

/** Where a thread is in a write to a log file that hangs, Node would wait for it before it ends; the kernel does not. */
export function endDespiteHangs({ room }: Core): void {
  if (room.hub.hangs) process.once("exit", (code) => void room.kernel.exitAtOnce(code));
}
