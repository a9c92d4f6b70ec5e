import { errnoNumber, type Kernel, type OutputPipe, type Result } from "@supervise/sys";

/** Of one run: standard output and standard error. */
const SPARE = 2;

/**
 * Numbers that runs leave to the rest: the control socket and those who ask there, log files, /proc. Where they run out, a service waits for its turn and
 * says so, and whoever is to mend it can still be heard.
 */
const RESERVED = 12;
/** RLIMIT_NOFILE; below so many descriptors no limit is asked for that a Node could start with. */
const OPEN_FILES = 7;
const SURELY_FREE = 40;

/** Output pipes that are made while nobody waits for them: a restart takes them as they are. */
export interface SparePipes {
  /** A pipe, which is the caller's; a negative errno: none can be had. */
  take(): OutputPipe | Result;
  /** Makes those anew that were taken. */
  refill(): void;
  /** One that was taken and not used. */
  putBack(pipe: OutputPipe): void;
  close(): void;
}

/** The calls that pipes are made with. */
export type SparePipesKernel = Pick<Kernel, "outputPipe" | "close" | "getLimit">;

export function createSparePipes(kernel: SparePipesKernel): SparePipes {
  const spare: OutputPipe[] = [];
  let roof: number | null = null;
  const isInReserve = (descriptor: number): boolean => {
    if (descriptor < SURELY_FREE) return false;
    if (roof === null) {
      const { soft } = kernel.getLimit(OPEN_FILES);
      roof = soft < 0 ? Infinity : soft - RESERVED;
    }
    return descriptor >= roof;
  };
  const closeBoth = ({ read, child }: OutputPipe): void => {
    kernel.close(read);
    kernel.close(child);
  };
  const make = (): OutputPipe | Result => {
    const pipe = kernel.outputPipe();
    // The kernel gives the lowest number that is free.
    if (typeof pipe === "number" || !isInReserve(pipe.child)) return pipe;
    closeBoth(pipe);
    return errnoNumber("EMFILE") ?? -1;
  };
  return {
    take: () => spare.pop() ?? make(),
    refill: () => {
      while (spare.length < SPARE) {
        const pipe = make();
        // EMFILE, ENFILE: the next run asks again, and says so.
        if (typeof pipe === "number") return;
        spare.push(pipe);
      }
    },
    putBack: (pipe) => {
      if (spare.length < SPARE) spare.push(pipe);
      else closeBoth(pipe);
    },
    close: () => {
      for (const pipe of spare.splice(0)) closeBoth(pipe);
    },
  };
}
