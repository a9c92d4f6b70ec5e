import type { Configuration, Scales } from "@supervise/model";
import type { ProjectLock } from "@supervise/process";
import type { Session } from "./session.js";
import type { ForegroundRequest } from "./foreground.js";

/** Before the numbers in the note behind the lock's PID. */
const WORD = "scales ";

/**
 * The configuration with the numbers of replicas that the supervisor before was asked for and had in force when it died: its services are to be known as
 * they run. What the keeper has kept has them already. A configuration with mistakes is told elsewhere; here the one that is known stays.
 */
export async function scaledAsNoted(
  request: Pick<ForegroundRequest, "configuration" | "work" | "load">,
  note: string,
): Promise<Configuration> {
  const { configuration, work } = request;
  const scales = (work?.applied ?? null) === null ? scalesIn(note) : null;
  if (scales === null) return configuration;
  return (await request.load({ scales, texts: null })).configuration ?? configuration;
}

/** Notes the numbers that are in force now, or that there are none, for the next supervisor. */
export function noteScales(
  { core }: Pick<Session, "core">,
  lock: Pick<ProjectLock, "path" | "setNote"> | null,
  before: Configuration,
  next: Configuration,
): void {
  if (lock === null || (before.scales === undefined && next.scales === undefined)) return;
  const { scales } = next;
  const problem = lock.setNote(scales === undefined ? "" : WORD + JSON.stringify(scales));
  if (problem !== null)
    core.room.warn(
      null,
      `Cannot write "${lock.path}": ${problem}; a supervisor after this one will not know the asked numbers of replicas`,
    );
}

/** Null: the note tells of none. */
function scalesIn(note: string): Scales | null {
  if (!note.startsWith(WORD)) return null;
  try {
    const value: unknown = JSON.parse(note.slice(WORD.length));
    if (typeof value !== "object" || value === null) return null;
    const sound = Object.entries(value).filter(
      (entry): entry is [string, Scales[string]] =>
        typeof entry[1] === "object" &&
        entry[1] !== null &&
        isCount((entry[1] as Partial<Scales[string]>).scale) &&
        isCount((entry[1] as Partial<Scales[string]>).instead),
    );
    return Object.fromEntries(sound);
  } catch {
    // Cut off by a death while it was written: as many as the file says.
    return null;
  }
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}
