import { fstatSync, ftruncateSync } from "node:fs";
import type { LastingMemory } from "@supervise/log";
import type { Keeper } from "@supervise/process";
import type { Kernel } from "@supervise/sys";

const DEPOSIT = "output";

/** The memory in which output is on its way to its sinks: the keeper's, from the supervisor before us or made now. Null: there is no memory for it. */
export function outputMemory(
  kernel: Pick<Kernel, "memoryFile" | "mapShared">,
  keeper: Keeper,
): LastingMemory | null {
  const held = keeper.take(DEPOSIT)?.[0];
  const fd = held ?? kernel.memoryFile("supervise-output");
  if (fd < 0) return null;
  if (held === undefined) keeper.deposit(DEPOSIT, [fd]);
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
