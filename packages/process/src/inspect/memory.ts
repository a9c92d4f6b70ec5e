import { mapFact, unknown } from "./fact.js";
import type { Fact } from "./fact.js";
import { bytesField, parseStatusFields } from "./status-fields.js";
import type { ProcessView } from "./view.js";

/** Memory in bytes, from counters that the kernel keeps anyway. */
export interface MemoryFacts {
  readonly virtual: number;
  /** RSS: what is in memory now, and the most that ever was. */
  readonly resident: number;
  readonly peakResident: number;
  /** Parts of `resident`. */
  readonly anonymous: number;
  readonly file: number;
  readonly shared: number;
  readonly swapped: number;
  readonly locked: number;
  readonly data: number;
  readonly stack: number;
  readonly pageTables: number;
}

/** Memory in bytes as it is shared out: the kernel walks all pages for it, some milliseconds for a big process. */
export interface SharedMemoryFacts {
  /** PSS: each page counts for its part among those who share it. The sum over all processes is what they use. */
  readonly proportional: number;
  /** USS: what would be free if it ended. */
  readonly unique: number;
  readonly proportionalSwap: number;
  readonly sharedClean: number;
  readonly sharedDirty: number;
}

/** "unsupported" for a kernel thread; "ended" for a zombie. */
export function readMemory(view: ProcessView): Fact<MemoryFacts> {
  const status = view.status();
  if (status.known && !status.value.has("VmRSS"))
    return unknown(view.stat.kernelThread ? "unsupported" : "ended");
  return mapFact(status, (fields) => {
    const bytes = (key: string): number => bytesField(fields, key) ?? 0;
    return {
      virtual: bytes("VmSize"),
      resident: bytes("VmRSS"),
      peakResident: bytes("VmHWM"),
      anonymous: bytes("RssAnon"),
      file: bytes("RssFile"),
      shared: bytes("RssShmem"),
      swapped: bytes("VmSwap"),
      locked: bytes("VmLck"),
      data: bytes("VmData"),
      stack: bytes("VmStk"),
      pageTables: bytes("VmPTE"),
    };
  });
}

/** Needs the right to trace the process, and Linux 4.14. */
export function readSharedMemory(view: ProcessView): Fact<SharedMemoryFacts> {
  const text = view.text("smaps_rollup");
  // A process without memory of its own has an empty file.
  if (text.known && text.value === "")
    return unknown(view.stat.kernelThread ? "unsupported" : "ended");
  return mapFact(text, (content) => {
    const fields = parseStatusFields(content);
    const bytes = (key: string): number => bytesField(fields, key) ?? 0;
    return {
      proportional: bytes("Pss"),
      unique: bytes("Private_Clean") + bytes("Private_Dirty"),
      proportionalSwap: bytes("SwapPss"),
      sharedClean: bytes("Shared_Clean"),
      sharedDirty: bytes("Shared_Dirty"),
    };
  });
}
