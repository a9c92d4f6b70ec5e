import { isStuck, type ServiceSnapshot } from "@supervise/model";
import { printable, readStat, type Proc } from "@supervise/process";

/** Long enough for any name of a kernel function. */
const WCHAN_LIMIT_BYTES = 256;

/**
 * One sentence for each process that SIGKILL did not end: why not, as far as the kernel says (state and wchan of proc(5)). Empty where there is none, or
 * where they have ended by now.
 */
export function survivorNotes(proc: Proc, { state }: ServiceSnapshot): readonly string[] {
  if (state.kind !== "stopping" || !isStuck(state)) return [];
  return state.survivors.flatMap((pid) => {
    const stat = readStat(proc, pid);
    if (stat === null) return [];
    const who = `pid ${pid} (${printable(stat.comm)})`;
    if (stat.state !== "D") return [`${who} is in state ${stat.state} of ps(1)`];
    const place = proc.text(`${pid}/wchan`, WCHAN_LIMIT_BYTES) ?? "";
    const where = place === "" || place === "0" ? "" : ` in the kernel's ${printable(place)}`;
    return [`${who} is in uninterruptible sleep${where}: no signal reaches it until it wakes`];
  });
}
