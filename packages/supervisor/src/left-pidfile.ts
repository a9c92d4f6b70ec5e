import type { ServiceSpec } from "@supervise/model";
import {
  describePidfile,
  discardPidfile,
  examinePidfile,
  type PidfileVerdict,
} from "@supervise/process";
import { errnoName, errnoText } from "@supervise/sys";
import type { Room } from "./room.js";

/** Whom the pidfile may belong to besides root and us: the service's user. */
export function ownersOf(room: Room, spec: ServiceSpec): readonly number[] {
  const plan = room.plans.of(spec);
  return plan.kind === "plan" && plan.request.uid !== undefined ? [plan.request.uid] : [];
}

/** Tells of a pidfile that is there before the run, and removes it where it names nobody. */
export function clearLeft(room: Room, spec: ServiceSpec, path: string): void {
  const owners = ownersOf(room, spec);
  const look = (where: string): PidfileVerdict =>
    examinePidfile(room.proc, where, { expectTree: () => false, owners });
  const isLeft = ({ kind }: PidfileVerdict): boolean => kind === "stale" || kind === "reused";
  const verdict = look(path);
  if (verdict.kind === "absent" && verdict.missing === undefined) return;
  const discarded = isLeft(verdict)
    ? discardPidfile(room.kernel, path, (where) => isLeft(look(where)))
    : null;
  const end = ((): string => {
    switch (discarded?.kind) {
      case undefined:
        return verdict.kind === "absent"
          ? "it is the daemon's to make"
          : "it is left as it is, and not believed";
      case "removed":
        return "it is removed";
      case "kept":
        return "it has just been written anew, and stays";
      case "failed":
        return `it cannot be removed (${errnoName(discarded.errno)}: ${errnoText(discarded.errno)}), and is not believed`;
    }
  })();
  const message = `${describePidfile(verdict, path)}; ${end}`;
  room.events.add({ service: spec.name, kind: "pidfile", message });
  room.hub.say(message, "warning");
}
