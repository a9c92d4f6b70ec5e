import { known, mapFact } from "./fact.js";
import type { Fact } from "./fact.js";
import type { ProcessView } from "./view.js";

/** How many descriptors are open. Since Linux 6.2 the size of the directory says it, in one call. */
export function countOpenFiles(view: ProcessView): Fact<number> {
  const size = view.source.stat(`${view.pid}/fd`)?.size ?? 0;
  // 0 is also what a directory says that we may not read, and one of an older kernel.
  return size > 0 ? known(size) : mapFact(view.names("fd"), (names) => names.length);
}
