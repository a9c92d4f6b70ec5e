import type { Core } from "@supervise/supervisor";
import { depositConfiguration } from "./keeper.js";
import type { ForegroundRequest } from "./foreground.js";
import type { Session } from "./session.js";
import { stoppedForFresh, stopSurvivors } from "./stop-survivors.js";

/** Goes on with what is there of supervisors before us, as `survivors` says, and starts the rest. */
export async function begin(session: Session, request: ForegroundRequest): Promise<void> {
  const { core } = session;
  const keeper = request.work?.keeper ?? null;
  const cause = { kind: "configuration", generation: 1 } as const;
  const cameBack = keeper !== null && keeper.hello.generation > 1 ? core.comeBack() : null;
  if (cameBack !== null) {
    const { except } = cameBack;
    if (request.names === null) core.room.post({ type: "startAll", cause, except });
    // Only where nobody had asked for it yet.
    else
      start(
        core,
        request.names.filter((name) => !except.includes(name)),
      );
    restartForReload(core, request);
    start(core, stoppedForFresh(core));
    return session.hearKeeper();
  }
  const { survivors } = request;
  const { except, living, changed } = core.adoptSurvivors(survivors !== "take over");
  if (survivors === "end") {
    const by = { kind: "shutdown", by: "down" } as const;
    core.room.post({ type: request.atOnce ? "shutDownNow" : "shutDown", cause: by });
    return;
  }
  if (survivors === "stop first") {
    session.hearKeeper();
    await stopSurvivors(core, living);
  }
  const rest = survivors === "take over" ? except : [];
  if (request.names === null) core.room.post({ type: "startAll", cause, except: rest });
  // Whoever is named is asked for anew.
  else start(core, request.names);
  if (survivors === "stop first") return;
  // A reload would have restarted them, had there been a supervisor to hear of it.
  core.postAll(changed.map((name) => ({ type: "restartService", name, cause })));
  session.hearKeeper();

  function start(of: Core, names: readonly string[]): void {
    of.postAll(names.map((name) => ({ type: "startService", name, cause })));
  }
}

/** The supervisor before had a new configuration and died before its services were told to start anew for it, or right after: once more does no harm. */
function restartForReload(core: Core, request: ForegroundRequest): void {
  const { kernel, work, configuration, version } = request;
  const applied = work?.applied ?? null;
  if (work === null || applied === null || applied.restart.length === 0) return;
  const { restart, generation } = applied;
  core.room.post({ type: "applyConfiguration", configuration, restart, generation });
  depositConfiguration(kernel, work.keeper, { configuration, generation, restart: [] }, version);
}
