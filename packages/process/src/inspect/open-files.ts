import { known, mapFact } from "./fact.js";
import type { Fact } from "./fact.js";
import type { InspectSource } from "./source.js";

/**
 * How many numbers of descriptors are taken, which is what the limit counts: one that accept(2) has reserved while it waits is among them, though nothing
 * is open there yet. Since Linux 6.2 the size of the directory says it, in one call; `list` is asked where it does not.
 */
export function countOpenFiles(
  source: InspectSource,
  pid: number,
  list: () => Fact<readonly string[]>,
): Fact<number> {
  const size = source.stat(`${pid}/fd`)?.size ?? 0;
  // 0 is also what an older kernel says.
  return size > 0 ? known(size) : mapFact(list(), (names) => names.length);
}
