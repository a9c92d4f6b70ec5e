import { createClient, ControlError, type ControlClient } from "@supervise/control";
import type { ProjectStatus, ServiceStatus } from "@supervise/model";
import { JSON_OUTPUT, optionGiven, QUIET, SOCKET } from "../common-options.js";
import { loadFor, tellDiagnostics } from "../configuration.js";
import { findSocket } from "../locate.js";
import { CommandError, EXIT_CONFIGURATION } from "../verb.js";
import type { Verb, VerbContext } from "../verb.js";

/** The keeper starts it at once, and 100 services are taken over within 150 ms: one that takes so long does not come, in milliseconds. */
const LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 20;

export const verb: Verb = {
  name: "upgrade",
  summary: "replace the supervisor by the program as installed now; the services go on",
  usage: "",
  options: [
    {
      long: "check",
      short: null,
      value: null,
      repeatable: false,
      help: "only say which version runs, which is installed, and whether it can be done",
    },
    SOCKET,
    JSON_OUTPUT,
    QUIET,
  ],
  run: async (context) => {
    const client = createClient({ socketPath: await findSocket(context) });
    const before = await client.project();
    await refuseWhatCannotBe(context, before);
    if (optionGiven(context.options, "check")) {
      tell(context, before.version, context.version, null, "runs", "is installed");
      return 0;
    }
    const services = await client.services([]);
    await client.upgrade();
    const after = await another(client, before.pid);
    const kept = takenOver(services, await client.services([]));
    tell(context, before.version, after.version, { kept, after }, "has ended", "runs");
    return 0;
  },
};

/** A new version that can't read the configuration would end again and again, and its keeper would end everything in the end. */
async function refuseWhatCannotBe(context: VerbContext, project: ProjectStatus): Promise<void> {
  // A supervisor of an earlier version does not tell.
  if ((project.keeperPid ?? null) === null)
    throw new CommandError("cannot upgrade the supervisor: nothing above it would start it anew", {
      hint: "supervise up -d, or supervise-init up, starts one under supervise-init",
    });
  if (project.version === context.version) return;
  const options = { ...context.options, file: project.configurationFiles };
  const { configuration, diagnostics } = await loadFor({ ...context, options });
  if (configuration !== null) return;
  tellDiagnostics(context, diagnostics);
  throw new CommandError("cannot upgrade the supervisor: the configuration has mistakes", {
    exitCode: EXIT_CONFIGURATION,
    hint: "it goes on as it is; see them with supervise check",
  });
}

/** The first answer of another process than `pid`. */
async function another(client: ControlClient, pid: number): Promise<ProjectStatus> {
  const limitMs = performance.now() + LIMIT_MS;
  for (;;) {
    const found = await asked(client);
    if (found !== null && found.pid !== pid) return found;
    if (performance.now() > limitMs)
      throw new CommandError(
        `cannot upgrade the supervisor: no other has answered within ${LIMIT_MS / 1_000} s`,
        {
          hint: "what it says goes to supervisor.log in its runtime directory, or to its terminal",
        },
      );
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_EVERY_MS);
    });
  }
}

/** Null: nobody answers just now. */
async function asked(client: ControlClient): Promise<ProjectStatus | null> {
  try {
    return await client.project();
  } catch (error) {
    if (error instanceof ControlError) return null;
    throw error;
  }
}

interface Kept {
  readonly taken: number;
  readonly running: number;
}

function takenOver(before: readonly ServiceStatus[], after: readonly ServiceStatus[]): Kept {
  const running = before.filter(({ pid }) => pid !== null);
  const taken = running.filter(({ name, pid }) =>
    after.some((one) => one.name === name && one.pid === pid),
  );
  return { taken: taken.length, running: running.length };
}

function tell(
  { io, options }: VerbContext,
  from: string,
  to: string,
  done: { readonly kept: Kept; readonly after: ProjectStatus } | null,
  was: string,
  is: string,
): void {
  if (optionGiven(options, "json")) {
    const more = done === null ? {} : { pid: done.after.pid, ...done.kept };
    io.out(`${JSON.stringify({ from, to, ...more })}\n`);
    return;
  }
  if (optionGiven(options, "quiet")) return;
  io.out(`version ${from} ${was}, version ${to} ${is}\n`);
  if (done === null) return;
  const { taken, running } = done.kept;
  io.out(`pid ${done.after.pid} has taken over ${taken} of ${running} running services\n`);
}
