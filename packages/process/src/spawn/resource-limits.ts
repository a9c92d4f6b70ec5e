import type { ResourceLimit } from "@supervise/model";

/** Numbers of asm-generic/resource.h, which every architecture that Node runs on shares. */
const RESOURCES: Readonly<Record<string, number>> = {
  cpu: 0,
  fsize: 1,
  data: 2,
  stack: 3,
  core: 4,
  rss: 5,
  nproc: 6,
  nofile: 7,
  memlock: 8,
  as: 9,
  locks: 10,
  sigpending: 11,
  msgqueue: 12,
  nice: 13,
  rtprio: 14,
  rttime: 15,
};

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
    const number = RESOURCES[limit.resource];
    if (number === undefined) return { unknown: limit.resource };
    entries.push([number, limit.soft ?? UNLIMITED, limit.hard ?? UNLIMITED]);
  }
  return { entries };
}
