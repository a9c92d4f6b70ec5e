import type { ActionOutcome } from "@supervise/model";
import { optionGiven } from "../common-options.js";
import { configurationOptions, loadAsked, loadOrTell } from "../configuration.js";
import { openKernel } from "../kernel.js";
import type { Survivor } from "../survivors.js";
import { CommandError, EXIT_CONFIGURATION, type VerbContext } from "../verb.js";

export interface SurvivorsToEnd {
  /** The runtime directory of their supervisor, which has died. */
  readonly directory: string;
  readonly survivors: readonly Survivor[];
  /** SIGKILL at once. */
  readonly now: boolean;
}

/** Stops what a dead supervisor has left, as that would have done: this process takes its place for so long, and starts nothing. Returns the exit code. */
export async function endSurvivors(
  context: VerbContext,
  { directory, survivors, now }: SurvivorsToEnd,
): Promise<number> {
  const { io, options } = context;
  // How a service is stopped stands there.
  const configuration = await loadOrTell(context);
  if (configuration === null) return EXIT_CONFIGURATION;
  // Loaded here, as no other end of anything needs a supervisor.
  const { runForeground } = await import("../up/foreground.js");
  const { files } = configurationOptions(context);
  const ending = await runForeground({
    kernel: openKernel(),
    configuration,
    files,
    load: (asked) => loadAsked(context, files, asked),
    survivors: "end",
    atOnce: now,
    names: [],
    requestedDirectory: directory,
    environment: io.environment,
    version: context.version,
    outputFd: null,
    exitWith: { kind: "never" },
    graceMs: null,
    hangAfterMs: null,
    health: null,
    terminationLog: "",
    serve: () => Promise.resolve(() => Promise.resolve()),
    work: null,
    develops: false,
    onStarted: () => undefined,
  });
  if ("message" in ending) throw new CommandError(ending.message, { hint: ending.hint });
  const outcomes = survivors.map(({ name, pid }): ActionOutcome => ({
    name,
    ok: true,
    message: `stopped, pid ${pid}; its supervisor had died`,
    unchanged: false,
  }));
  if (optionGiven(options, "json")) io.out(`${JSON.stringify({ outcomes })}\n`);
  else if (!optionGiven(options, "quiet"))
    for (const { name, message } of outcomes) io.out(`${name}: ${message}\n`);
  return 0;
}
