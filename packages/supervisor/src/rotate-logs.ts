import { sinksOf, type ActionMessage, type Cause } from "@supervise/model";
import { errnoName } from "@supervise/sys";
import { causeText } from "./reloading.js";
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

/** All services that have log files. What cannot be rotated is said. */
export async function rotateAll(core: Core, cause: Cause): Promise<void> {
  const { room, engine } = core;
  const names = engine.configuration.services
    .filter(({ logging }) =>
      sinksOf(logging).some(({ driver }) => driver === "file" || driver === "direct"),
    )
    .map(({ name }) => name);
  const message = `Log files are rotated, asked for by ${causeText(cause)}`;
  room.events.add({ service: null, kind: "rotation", message });
  for await (const told of rotateLogs(core, names))
    if (told.type === "outcome" && !told.outcome.ok)
      room.warn(
        told.outcome.name,
        `Cannot rotate the log of service "${told.outcome.name}": ${told.outcome.message}`,
      );
}

/** Null: done. */
function renamed(core: Core, name: string): string | null {
  const result = core.room.hub.rotate(name);
  if (result === null) return "it has no log file";
  return result < 0 ? `cannot rotate its log file: ${errnoName(result)}` : null;
}
