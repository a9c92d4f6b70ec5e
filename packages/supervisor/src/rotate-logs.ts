import type { ActionMessage } from "@supervise/model";
import { errnoName } from "@supervise/sys";
import { reloadService } from "./signal-services.js";
import type { Core } from "./supervisor.js";

/** `rotate` of services: each log file is changed for a new one, unless it is empty. A service that writes to its file itself is told to reload. */
export async function* rotateLogs(
  core: Core,
  names: readonly string[],
): AsyncGenerator<ActionMessage> {
  let ok = true;
  for (const name of names) {
    const spec = core.engine.spec(name);
    const direct = spec?.logging.driver === "direct";
    const problem =
      direct && spec.reload === null
        ? "it writes to its log file itself, and has neither reload_signal nor reload_command to be told by"
        : (renamed(core, name) ?? (direct ? await reloadService(core, name) : null));
    ok &&= problem === null;
    const message = problem ?? "rotated its log file";
    const outcome = { name, ok: problem === null, message, unchanged: problem !== null };
    yield { type: "outcome", outcome };
  }
  yield { type: "end", ok };
}

/** Null: done. */
function renamed(core: Core, name: string): string | null {
  const result = core.room.hub.rotate(name);
  if (result === null) return "it has no log file";
  return result < 0 ? `cannot rotate its log file: ${errnoName(result)}` : null;
}
