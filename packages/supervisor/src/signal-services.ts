import type { ActionMessage, ActionRequest, CommandSpec } from "@supervise/model";
import { errnoName, signalNumber } from "@supervise/sys";
import { settingOf } from "./command-setting.js";
import type { LiveRun } from "./live-run.js";
import { signalMain } from "./signal-main.js";
import type { Core } from "./supervisor.js";

/** Longest time for a reload command, in milliseconds. */
const RELOAD_LIMIT_MS = 60_000;

/** `signal` and `reload` of services: to the main process of each, as it was asked or as its spec says. */
export async function* signalServices(
  core: Core,
  request: ActionRequest,
  names: readonly string[],
): AsyncGenerator<ActionMessage> {
  let ok = true;
  for (const name of names) {
    const problem =
      request.action === "signal"
        ? send(core, name, request.signal ?? "")
        : await reloadService(core, name);
    ok &&= problem === null;
    const message =
      problem ?? (request.action === "signal" ? `sent ${request.signal}` : "reloaded");
    yield {
      type: "outcome",
      outcome: { name, ok: problem === null, message, unchanged: problem !== null },
    };
  }
  yield { type: "end", ok };
}

function running(core: Core, name: string): LiveRun | null {
  const run = core.room.live.get(name);
  return run === undefined || run.mainEnded || run.mainPid === 0 ? null : run;
}

function send(core: Core, name: string, signal: string): string | null {
  const number = signalNumber(signal);
  if (number === null) return `no such signal "${signal}"`;
  const run = running(core, name);
  if (run === null) return "it does not run";
  const result = signalMain(core.room, run, number);
  return result < 0 ? `cannot signal pid ${run.mainPid}: ${errnoName(result)}` : null;
}

/** Tells a service to reload, as its spec says. Null: done. */
export async function reloadService(core: Core, name: string): Promise<string | null> {
  const how = core.engine.spec(name)?.reload ?? null;
  if (how === null) return "it has neither reload_signal nor reload_command";
  if (how.kind === "signal") return send(core, name, how.signal);
  const run = running(core, name);
  return run === null ? "it does not run" : runReload(core, run, how.command);
}

async function runReload(core: Core, run: LiveRun, command: CommandSpec): Promise<string | null> {
  const setting = settingOf(core.room, run.spec, [`MAINPID=${run.mainPid}`]);
  const result = await core.room.commands.run(command, setting, RELOAD_LIMIT_MS, null);
  return result.ok
    ? null
    : `the reload command: ${result.detail}${result.output === "" ? "" : `: ${result.output}`}`;
}
