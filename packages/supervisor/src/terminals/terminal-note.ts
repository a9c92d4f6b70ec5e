import type { Core } from "../supervisor.js";

/** Sentences for `why` about the terminal of a running service: on whom it depends, or that it is gone. */
export function terminalNote(
  { room }: Pick<Core, "room">,
  name: string,
  kept: boolean,
): readonly string[] {
  const live = room.live.get(name);
  if (live === undefined || live.mainEnded) return [];
  if (live.tty === true)
    return kept
      ? []
      : [
          "its terminal is held by this supervisor alone: if that is killed, it gets SIGHUP; supervise-init would keep the terminal for the next one",
        ];
  // Adopted: the run was not started by us.
  return live.spec.process.tty && !live.child
    ? ["its terminal went with the supervisor before: what it writes is lost until it is restarted"]
    : [];
}
