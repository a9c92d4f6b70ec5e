import type { Kernel, OutputPipe, Result } from "@supervise/sys";

/** Of one run: standard output and standard error. */
const SPARE = 2;

/** Output pipes that are made while nobody waits for them: a restart takes them as they are. */
export interface SparePipes {
  /** A pipe, which is the caller's; a negative errno: none can be had. */
  take(): OutputPipe | Result;
  /** Makes those anew that were taken, on a later turn of the event loop. */
  refillSoon(): void;
  close(): void;
}

export function createSparePipes(kernel: Pick<Kernel, "outputPipe" | "close">): SparePipes {
  const spare: OutputPipe[] = [];
  let planned: NodeJS.Immediate | null = null;
  let closed = false;
  const refill = (): void => {
    planned = null;
    while (spare.length < SPARE) {
      const pipe = kernel.outputPipe();
      // EMFILE, ENFILE: the next run asks again, and says so.
      if (typeof pipe === "number") return;
      spare.push(pipe);
    }
  };
  return {
    take: () => spare.pop() ?? kernel.outputPipe(),
    refillSoon: () => {
      if (!closed && spare.length < SPARE) planned ??= setImmediate(refill);
    },
    close: () => {
      closed = true;
      if (planned !== null) clearImmediate(planned);
      for (const { read, child } of spare.splice(0)) {
        kernel.close(read);
        kernel.close(child);
      }
    },
  };
}
