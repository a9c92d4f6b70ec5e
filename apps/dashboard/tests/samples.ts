import type { LogLine, ProcessRow, ProjectStatus, ServiceStatus } from "@supervise/model";
import type { Message } from "#dashboard/model/message.js";
import { initialModel } from "#dashboard/model/model.js";
import type { Effect, Model } from "#dashboard/model/model.js";
import { update } from "#dashboard/model/update.js";
import { UNICODE } from "#dashboard/view/glyphs.js";

const TIME = "2026-01-02T03:04:05.000Z";

/** A service that is up, but for what is said of it. */
export function service(name: string, more: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    name,
    service: name,
    replica: 1,
    type: "service",
    state: "up",
    stage: null,
    wanted: "up",
    ready: true,
    health: "none",
    reason: "run 1 (pid 12)",
    pid: 12,
    run: 1,
    restarts: 0,
    since: TIME,
    startedAt: TIME,
    lastExit: null,
    statusText: null,
    dependsOn: [],
    ...more,
  };
}

/** A row of the process tree. */
export function row(name: string, pid: number, ppid: number, main = false): ProcessRow {
  return {
    service: name,
    uid: 0,
    pid,
    ppid,
    pgid: 10,
    sid: 10,
    tty: "?",
    stat: "S",
    command: `command ${pid}`,
    main,
  };
}

/** A line that a service wrote; every seventh stands in stderr. */
export function logLine(name: string, seq: number, text: string): LogLine {
  const time = new Date(Date.parse(TIME) + seq * 1000).toISOString();
  return {
    service: name,
    run: 1,
    stream: seq % 7 === 6 ? "stderr" : "stdout",
    seq,
    time,
    text,
    partial: false,
  };
}

/** A dashboard that is connected and knows these services, a minute after they were started. */
export function shop(services: readonly ServiceStatus[], width = 80, height = 24): Model {
  const nowMs = Date.parse(TIME) + 60_000;
  const model = initialModel({ width, height, glyphs: UNICODE, socketPath: "/run/x", nowMs });
  const project: ProjectStatus = {
    name: "shop",
    pid: 7,
    version: "0",
    startedAt: TIME,
    generation: 1,
    runtimeDirectory: null,
    configurationFiles: [],
    shuttingDown: false,
    keeperPid: null,
  };
  return send(send(model, { type: "connected", project }), {
    type: "services",
    services,
    all: true,
  });
}

/** The model after a message that asks for nothing. */
export function send(model: Model, message: Message): Model {
  return update(model, message)[0];
}

/** The model after these keys and what they asked for, in order. In a text each character is a key, a newline is Enter. */
export function typed(
  model: Model,
  keys: string | readonly string[],
): readonly [Model, readonly Effect[]] {
  const names =
    typeof keys === "string" ? Array.from(keys, (key) => (key === "\n" ? "enter" : key)) : keys;
  let now = model;
  const all: Effect[] = [];
  for (const key of names) {
    const [next, effects] = update(now, { type: "key", key: key === " " ? "space" : key });
    now = next;
    all.push(...effects);
  }
  return [now, all];
}
