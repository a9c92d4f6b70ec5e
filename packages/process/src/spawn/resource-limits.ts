import { limitNumber } from "@supervise/sys";
import type { ResourceLimit } from "@supervise/model";

/** RLIMIT_NOFILE. */
export const OPEN_FILES = 7;

/** RLIM_INFINITY as the kernel interface has it. */
const UNLIMITED = -1;

export type LimitEntry = readonly [resource: number, soft: number, hard: number];

/** A soft and a hard limit; -1 is unlimited. */
export interface LimitPair {
  readonly soft: number;
  readonly hard: number;
}

/** The limits of a spec as numbers, or the name that is none. */
export function resolveLimits(
  limits: readonly ResourceLimit[],
): { readonly entries: readonly LimitEntry[] } | { readonly unknown: string } {
  const entries: LimitEntry[] = [];
  for (const limit of limits) {
    const number = limitNumber(limit.resource);
    if (number === null) return { unknown: limit.resource };
    entries.push([number, limit.soft ?? UNLIMITED, limit.hard ?? UNLIMITED]);
  }
  return { entries };
}
