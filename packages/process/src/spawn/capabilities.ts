import { capabilityNumber } from "@supervise/sys";

/** What the spawn is asked for. Null: leave the set as it is. */
export interface CapabilityPlan {
  readonly bounding: readonly number[] | null;
  readonly ambient: readonly number[] | null;
}

export type CapabilityProblem = { readonly unknown: string } | { readonly absent: string };

/**
 * `cap_drop` and `cap_add` with Docker's order: "ALL" in either is taken first, then single drops, then single adds. The start is all that we
 * have ourselves (`bounding`), and nothing can be added to that. A process that is not root's has the bounding set in vain, so that for it
 * each added capability is raised in the ambient set as well, and is there after exec (capabilities(7)).
 */
export function planCapabilities(
  drop: readonly string[],
  add: readonly string[],
  bounding: readonly number[],
  root: boolean,
): CapabilityPlan | CapabilityProblem {
  if (drop.length === 0 && add.length === 0) return { bounding: null, ambient: null };
  const kept = new Set(drop.includes("ALL") && !add.includes("ALL") ? [] : bounding);
  for (const name of drop) {
    if (name === "ALL") continue;
    const number = capabilityNumber(name);
    if (number === null) return { unknown: name };
    kept.delete(number);
  }
  const raised = new Set<number>();
  for (const name of add) {
    if (name === "ALL") {
      for (const number of kept) raised.add(number);
      continue;
    }
    const number = capabilityNumber(name);
    if (number === null) return { unknown: name };
    if (!bounding.includes(number)) return { absent: name };
    kept.add(number);
    raised.add(number);
  }
  return {
    bounding: kept.size === bounding.length ? null : [...kept].toSorted((a, b) => a - b),
    ambient: root || raised.size === 0 ? null : [...raised].toSorted((a, b) => a - b),
  };
}
