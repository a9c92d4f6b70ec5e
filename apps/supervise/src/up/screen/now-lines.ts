import type { ServiceStatus, StateKind } from "@supervise/model";
import type { ScreenState } from "./screen-state.js";

/** On their way somewhere, each with the verb of the sentence. */
const MOVING: Readonly<Partial<Record<StateKind, readonly [one: string, several: string]>>> = {
  stopping: ["is stopping", "are stopping"],
  starting: ["is starting", "are starting"],
  backoff: ["waits for its next run", "wait for their next runs"],
};

/**
 * What is going on, in one line or two: who is on the way and who waits for whom, and below it why the first of them is not there yet. Where
 * nothing moves, how many are in which state.
 */
export function nowLines(state: ScreenState): readonly string[] {
  const { services, leaving, paused, only } = state;
  const notes = [
    ...(leaving === 0 ? [] : [leaving === 1 ? "ending" : "ending at once"]),
    ...(paused ? ["paused: lines wait"] : []),
    ...(only === null ? [] : [`only lines of ${only}`]),
  ];
  const [first, others] = leaving > 0 ? endingOf(services) : startingOf(services);
  if (first === null) return [[...notes, countsOf(services)].join("; ")];
  const reason = `${first.name}: ${first.reason}`;
  if (others.length === 0) return [[...notes, reason].join("; ")];
  return [[...notes, ...others].join("; "), reason];
}

/** "3 up, 1 failed". */
export function countsOf(services: readonly ServiceStatus[]): string {
  const count = new Map<StateKind, number>();
  for (const { state } of services) count.set(state, (count.get(state) ?? 0) + 1);
  return Array.from(count, ([state, number]) => `${number} ${state}`).join(", ");
}

/** Whose reason says most, and a clause for each group of those on the way; none where it is alone. */
type Going = readonly [first: ServiceStatus | null, clauses: readonly string[]];

function startingOf(services: readonly ServiceStatus[]): Going {
  const clauses: string[] = [];
  let first: ServiceStatus | null = null;
  let count = 0;
  for (const [kind, [one, several]] of Object.entries(MOVING)) {
    const found = services.filter(({ state }) => state === kind);
    if (found.length === 0) continue;
    first ??= found[0] ?? null;
    count += found.length;
    clauses.push(`${namesOf(found)} ${found.length === 1 ? one : several}`);
  }
  const waiting = services.filter(({ state }) => state === "waiting");
  const byName = new Map(services.map((one) => [one.name, one]));
  const groups = new Map<string, ServiceStatus[]>();
  for (const service of waiting) {
    const awaited = unmet(service, byName).join(", ");
    groups.set(awaited, [...(groups.get(awaited) ?? []), service]);
  }
  for (const [awaited, waiters] of groups) {
    const verb = waiters.length === 1 ? "waits" : "wait";
    clauses.push(`${namesOf(waiters)} ${awaited === "" ? verb : `${verb} for ${awaited}`}`);
  }
  first ??= waiting[0] ?? null;
  return [first, count + waiting.length > 1 ? clauses : []];
}

/** Those that are being stopped, and those whose turn comes after them. */
function endingOf(services: readonly ServiceStatus[]): Going {
  const stopping = services.filter(({ state }) => state === "stopping");
  const next = services.filter(({ state }) => state === "up" || state === "starting");
  const left = stopping.length + next.length;
  const first = stopping[0] ?? next[0] ?? null;
  if (left < 2) return [first, []];
  const order = [stopping, next].filter((some) => some.length > 0).map(namesOf);
  return [first, [`${left} are left: ${order.join(", then ")}`]];
}

/** Dependencies that are not as far as they have to be. */
function unmet(
  { dependsOn }: ServiceStatus,
  byName: ReadonlyMap<string, ServiceStatus>,
): readonly string[] {
  return dependsOn.flatMap(({ name, condition }) => {
    const other = byName.get(name);
    return other === undefined || isMet(other, condition) ? [] : [name];
  });
}

function isMet({ state, ready, health }: ServiceStatus, condition: string): boolean {
  switch (condition) {
    case "service_completed_successfully":
      return state === "done";
    case "service_healthy":
      return health === "healthy";
    default:
      return state === "done" || (state === "up" && ready);
  }
}

/** More would not fit beside what else there is to say. */
const MOST_NAMES = 4;

function namesOf(services: readonly ServiceStatus[]): string {
  const names = services.slice(0, MOST_NAMES).map(({ name }) => name);
  const more = services.length - names.length;
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
