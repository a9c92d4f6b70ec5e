import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServiceStatus } from "@supervise/model";
import { extraService, STEADY, WRITERS } from "./crash-configuration.js";
import { livingServices, zombiesBelow } from "./crash-kernel.js";
import { NumberedLines, readLogs, type TerminalRows } from "./crash-lines.js";
import type { Project } from "./harness.js";

/** Processes of the services that go on, by service, as `identity` names them. */
export type SteadyProcesses = ReadonlyMap<string, readonly string[]>;

export interface Expected {
  readonly init: number;
  /** Null: not known yet. */
  readonly steady: SteadyProcesses | null;
  /** Of the configuration that was applied last. */
  readonly version: number;
  /** The state of the service that is started and stopped on command. */
  readonly flaps: "up" | "down";
}

export function steadyProcesses(init: number): SteadyProcesses {
  const living = livingServices(init);
  const names = new Set(STEADY.map(serviceOf));
  return new Map([...names].map((name) => [name, living.get(name)?.processes.toSorted() ?? []]));
}

/** What is not, or not yet, as it should be while services run: by the kernel and by the control socket. */
export async function problemsNow(it: Project, expected: Expected): Promise<readonly string[]> {
  const { init, version } = expected;
  const startsBefore = startsOfEnds(it).length;
  const statuses = new Map((await it.client.services([])).map((status) => [status.name, status]));
  const startsAfter = startsOfEnds(it).length;
  const living = livingServices(init);
  const problems = STEADY.flatMap((name) => steadyProblems(name, statuses.get(name)));
  for (const [name, before] of expected.steady ?? []) {
    const now = living.get(name)?.processes.toSorted() ?? [];
    if (now.join() !== before.join()) problems.push(`${name}: ${before.join()} is ${now.join()}`);
  }
  for (const [name, { runs }] of living)
    if (runs.size > (name === "quiet" ? 3 : 1)) problems.push(`${name} lives ${runs.size} times`);
  for (const { name, pid, state } of statuses.values())
    // The runs of these two are over before one has looked twice.
    if (pid !== null && name !== "ends" && name !== "orphans")
      if (living.get(serviceOf(name))?.innerPids.has(pid) !== true)
        problems.push(`${name} is ${state} and said to be ${pid}`);
  const flaps = statuses.get("flaps");
  if (flaps?.state !== expected.flaps)
    problems.push(`flaps is ${flaps?.state} and not ${expected.flaps}`);
  const extra = [...statuses.keys()].filter((name) => name.startsWith("extra")).join();
  if (extra !== (version === 0 ? "" : extraService(version)))
    problems.push(`version ${version} is wanted, and there is ${extra}`);
  if (livingServices(init, "CRASH_VERSION").get(String(version))?.runs.size !== 1)
    problems.push(`changes does not run as version ${version}`);
  const once = statuses.get("once");
  if (once?.state !== "done" || once.run !== 1) problems.push(`once is ${once?.state}`);
  problems.push(...endsProblems(statuses.get("ends"), startsBefore, startsAfter));
  const zombies = zombiesBelow(init);
  if (zombies.length > 0) problems.push(`zombies: ${zombies.join(", ")}`);
  return problems;
}

/** Each end that was told has to be the one that it was. */
export async function wrongEnds(it: Project): Promise<readonly string[]> {
  const wrong: string[] = [];
  for await (const { service, kind, message, run } of it.client.events({
    after: 0,
    follow: false,
  })) {
    if (kind !== "exit" || (service !== "ends" && service !== "orphans")) continue;
    const expected = service === "ends" ? endOf(run ?? 0) : "exited with code 3";
    if (!message.endsWith(expected)) wrong.push(`run ${run} ${expected}; told: ${message}`);
  }
  return wrong;
}

/** Once all is over: starts that were not asked for, and lines that are missing, torn or there twice. `lines` counts those in files. */
export function faultsAfterwards(
  it: Project,
  rows: TerminalRows,
): { readonly faults: readonly string[]; readonly lines: number } {
  const faults: string[] = [];
  const seen = new Map(Array.from(rows.services, (one) => [one.name, one]));
  let count = 0;
  for (const [name, { file, terminal }] of Object.entries(WRITERS)) {
    const starts = readFileSync(join(it.directory, `${name}.starts`), "latin1")
      .split("\n")
      .filter(Boolean);
    if (starts.length !== 1 && name !== "flaps" && name !== "ends")
      faults.push(`${name} was started ${starts.length} times`);
    // The last run of what ends by itself was stopped with the rest.
    const ended = name === "ends" ? startsOfEnds(it).slice(0, -1) : starts;
    const looks: [string, NumberedLines | undefined][] = [];
    if (terminal) looks.push(["terminal", seen.get(name)]);
    if (file !== null) {
      const lines = new NumberedLines(name, true);
      readLogs(join(it.directory, `logs/${file}.log`), lines);
      count += lines.lines;
      looks.push(["file", lines]);
    }
    for (const [where, lines] of looks) {
      lines?.expectEnds(ended);
      faults.push(...(lines?.faults ?? []).map((fault) => `${where}: ${fault}`));
    }
  }
  return { faults, lines: count };
}

/** Numbers of the processes that the service which ends again and again was. */
export function startsOfEnds(it: Project): readonly string[] {
  const path = join(it.directory, "ends.runs");
  if (!existsSync(path)) return [];
  return Array.from(
    readFileSync(path, "latin1").matchAll(/^ *\d+ +(\d+)$/gm),
    (found) => found[1] ?? "",
  );
}

function steadyProblems(name: string, status: ServiceStatus | undefined): string[] {
  if (status?.state !== "up" || !status.ready)
    return [`${name} is ${status?.state}: ${status?.reason}`];
  return status.restarts === 0 && status.run === 1 ? [] : [`${name} was restarted`];
}

/** Starts that were there before one asked, and after that: a process notes its start a moment after its birth. */
function endsProblems(
  status: ServiceStatus | undefined,
  before: number,
  after: number,
): readonly string[] {
  if (status === undefined) return ["ends is not there"];
  const { state, run, restarts, lastExit } = status;
  const told = `ends is ${state} in run ${run}, after ${restarts} restarts; last exit of run ${lastExit?.run}`;
  const problems: string[] = [];
  if (state === "failed" || run < before || run > after + 1)
    problems.push(`${told}; it was started ${before} to ${after} times`);
  if (lastExit !== null && lastExit.run !== restarts + (state === "backoff" ? 1 : 0))
    problems.push(told);
  return problems;
}

/** How the K-th run of end-numbered ends. */
function endOf(run: number): string {
  return run % 5 === 0 ? "was killed by SIGKILL" : `exited with code ${(run * 37) % 256}`;
}

function serviceOf(name: string): string {
  return name.replace(/-\d$/, "");
}
