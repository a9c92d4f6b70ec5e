import { equal, match } from "node:assert/strict";
import type { ControlTarget } from "@supervise/control";
import type { LogLine, ProjectStatus, ServiceStatus } from "@supervise/model";
import { inTerminal, plainProcess } from "@supervise/testkit";
import type { InTerminal, TestScope } from "@supervise/testkit";
import { COMMAND } from "./harness.js";
import { serveTarget, serviceStatus } from "./cli-run.js";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The dashboard in a terminal of its own. `environment`: besides PATH, a UTF-8 locale and an xterm. */
export function openDashboard(
  t: TestScope,
  words: readonly string[],
  { columns, rows }: Size = { columns: 80, rows: 24 },
  environment: NodeJS.ProcessEnv = {},
  cwd?: string,
): InTerminal {
  const command = [process.execPath, COMMAND, "dashboard", ...words];
  return inTerminal(t, ["/bin/sh", "-c", 'echo "pid $$"; exec "$@"', "sh", ...command], {
    columns,
    rows,
    ...(cwd === undefined ? {} : { cwd }),
    env: {
      PATH: process.env["PATH"],
      LANG: "C.UTF-8",
      TERM: "xterm-256color",
      // Nobody can make a directory there, not even root.
      XDG_CACHE_HOME: "/dev/null/cache",
      ...environment,
    },
  });
}

/** The number of the dashboard's process. */
export function pidOf(it: InTerminal): number {
  return Number(/^pid (\d+)/.exec(it.output())?.[1] ?? 0);
}

/** Leaves by `q` and asserts that the terminal is as it was: settings, screen, cursor, mouse. */
export async function leave(it: InTerminal): Promise<void> {
  it.type("q");
  equal((await it.exit()).code, 0);
  await assertRestored(it);
}

/** The terminal is as it was before. */
export async function assertRestored(it: InTerminal): Promise<void> {
  equal(await it.restored(), true);
  const { screen } = it;
  equal(screen.alternate, false, "the first screen is shown");
  match(screen.lines()[0] ?? "", /^pid \d+$/, "what stood there before stands there again");
  equal(screen.cursor.visible, true, "the cursor is seen");
  equal([...screen.modes].filter((mode) => Number(mode) >= 1000).join(" "), "", "no mode is left");
}

export const PROJECT: ProjectStatus = {
  name: "shop",
  pid: 7,
  version: "0",
  startedAt: "2026-01-02T03:04:05.000Z",
  generation: 1,
  runtimeDirectory: null,
  configurationFiles: [],
  shuttingDown: false,
  keeperPid: null,
};

/** A line that a service wrote. */
export function logLine(service: string, seq: number, text: string): LogLine {
  const time = new Date(Date.parse("2026-01-02T03:04:05.000Z") + seq * 1000).toISOString();
  return {
    service,
    run: 1,
    stream: seq % 7 === 6 ? "stderr" : "stdout",
    seq,
    time,
    text,
    partial: false,
  };
}

/** A recorded supervisor: one service in each state, and what two of them wrote. */
export function recorded(
  services: readonly ServiceStatus[],
  lines: readonly LogLine[],
): Partial<ControlTarget> {
  const chosen = (names: readonly string[]): readonly ServiceStatus[] =>
    names.length === 0 ? services : services.filter(({ name }) => names.includes(name));
  return {
    project: () => PROJECT,
    services: chosen,
    processes: () => [],
    why: (name) => [`service "${name}" is as it was recorded`],
    events: (_query, signal) => untilAborted(signal, []),
    logs: ({ names }, signal) =>
      untilAborted(
        signal,
        lines.filter(({ service }) => names.length === 0 || names.includes(service)),
      ),
    execContext: () => plainProcess,
  };
}

/** Items first, then nothing until the reader goes. */
async function* untilAborted<T>(signal: AbortSignal, items: readonly T[]): AsyncGenerator<T> {
  yield* items;
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve());
  });
}

/** One service in each state, with words that would be markup to a careless screen. */
export const SERVICES: readonly ServiceStatus[] = [
  serviceStatus("api", { reason: "run 1 (pid 12) {bold}not markup{/bold}" }),
  serviceStatus("batch", {
    state: "done",
    pid: null,
    type: "oneshot",
    ready: false,
    reason: "run 1 exited with code 0",
  }),
  serviceStatus("cache", {
    state: "backoff",
    pid: null,
    restarts: 3,
    ready: false,
    reason: "next run in 5 s",
  }),
  serviceStatus("db", {
    state: "failed",
    pid: null,
    ready: false,
    reason: "6 runs ended within 10 s",
  }),
  serviceStatus("edge", {
    state: "waiting",
    pid: null,
    ready: false,
    reason: 'waits for "db"',
    dependsOn: [{ name: "db", condition: "service_started" }],
  }),
  serviceStatus("feed", { state: "stopping", stage: "signalled", reason: "SIGTERM was sent" }),
  serviceStatus("gate", {
    state: "starting",
    ready: false,
    reason: "it still lacks this: 日本語",
  }),
  serviceStatus("hold", {
    state: "down",
    pid: null,
    wanted: "down",
    ready: false,
    reason: "stopped by the operator",
  }),
];

export const LINES: readonly LogLine[] = Array.from({ length: 60 }, (_, at) =>
  logLine(
    "api",
    at,
    at % 10 === 5
      ? `error ${at}: [disk] {red-fg}full{/}`
      : `line ${at} 日本語 ❤\ufe0f \u001b[31mred`,
  ),
);

/** Serves the recorded supervisor and gives the words that name it. */
export async function serveRecorded(t: TestScope): Promise<readonly string[]> {
  return ["--socket", await serveTarget(t, recorded(SERVICES, LINES))];
}
