import { fstatSync, ftruncateSync } from "node:fs";
import type { LastingMemory, LinesMemory } from "@supervise/log";
import type { Keeper } from "@supervise/process";
import type { Kernel } from "@supervise/sys";

type MemoryKernel = Pick<Kernel, "memoryFile" | "mapShared">;

/** The memory in which output is on its way to its sinks: the keeper's, from the supervisor before us or made now. Null: there is no memory for it. */
export function outputMemory(kernel: MemoryKernel, keeper: Keeper): LastingMemory | null {
  return keptMemory(kernel, keeper, "output", keeper.take("output")?.[0]);
}

/** The memory of the newest lines of each service, likewise; nothing is made before there is a line. */
export function linesMemory(kernel: MemoryKernel, keeper: Keeper): LinesMemory {
  const held = keeper.take("lines")?.[0];
  return { left: held !== undefined, open: () => keptMemory(kernel, keeper, "lines", held) };
}

function keptMemory(
  kernel: MemoryKernel,
  keeper: Keeper,
  name: string,
  held: number | undefined,
): LastingMemory | null {
  const fd = held ?? kernel.memoryFile(`supervise-${name}`);
  if (fd < 0) return null;
  if (held === undefined) keeper.deposit(name, [fd]);
  const { size } = fstatSync(fd);
  let length = size;
  return {
    size,
    map: (offset, bytes) => {
      if (offset + bytes > length) ftruncateSync(fd, (length = offset + bytes));
      const memory = kernel.mapShared(fd, offset, bytes);
      // Without room in our address space nothing is lost but what a death would catch on its way.
      return typeof memory === "number" ? new Uint8Array(bytes) : memory;
    },
    reserve: () => true,
  };
}
