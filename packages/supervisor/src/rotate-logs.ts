import type { ActionMessage } from "@supervise/model";
import { errnoName } from "@supervise/sys";
import type { Core } from "./supervisor.js";

/** `rotate` of services: each log file is changed for a new one, unless it is empty. */
export function* rotateLogs(core: Core, names: readonly string[]): Generator<ActionMessage> {
  let ok = true;
  for (const name of names) {
    const result = core.room.hub.rotate(name);
    const problem =
      result === null
        ? "it has no log file"
        : result < 0
          ? `cannot rotate its log file: ${errnoName(result)}`
          : null;
    ok &&= problem === null;
    const message = problem ?? "rotated its log file";
    const outcome = { name, ok: problem === null, message, unchanged: problem !== null };
    yield { type: "outcome", outcome };
  }
  yield { type: "end", ok };
}
