import type { ActionMessage } from "@supervise/model";
import type { Detail } from "./detail.js";
import { updateKey } from "./keys.js";
import { takePage } from "./log-window.js";
import { appendLines } from "./logs.js";
import type { Message } from "./message.js";
import type { Model, Notice, Sample, Step, Trend } from "./model.js";
import { updateMouse } from "./mouse.js";
import { typeText } from "./overlay.js";
import { proposed } from "./proposal.js";
import { settleTable } from "./selection.js";

/** Events that are kept for the history. */
const KEPT_EVENTS = 5_000;
/** So long it is told what came of an action, unless a key is pressed; in milliseconds. */
const NOTICE_MS = 10_000;
/** Measurements of a process that are kept: five minutes of one a second. */
const KEPT_MEASUREMENTS = 300;

/** What a message makes of the dashboard: the next model, and what the world is asked to do. Pure. */
export function update(model: Model, message: Message): Step {
  switch (message.type) {
    case "key":
      return settled(updateKey({ ...model, notice: null }, message.key));
    case "paste":
      return typeText(model, message.text);
    case "mouse":
      return settled(updateMouse(model, message.mouse));
    case "resize": {
      const size = { width: message.width, height: message.height };
      return only(settleTable({ ...model, size }));
    }
    case "time":
      return only({ ...model, nowMs: message.nowMs, notice: aged(model.notice, message.nowMs) });
    case "connected":
      return only(connected(model, message.project));
    case "away":
      return only({
        ...model,
        link: {
          kind: "away",
          reason: message.reason,
          sinceMs: model.link.kind === "away" ? model.link.sinceMs : model.nowMs,
        },
      });
    case "services": {
      const found = message.services.map((status) => [status.name, status] as const);
      const services = new Map(message.all ? found : [...model.services, ...found]);
      return only(settleTable(marksKept({ ...model, services })));
    }
    case "processes": {
      const processes = new Map(model.processes);
      for (const name of message.names) processes.delete(name);
      for (const row of message.rows)
        processes.set(row.service, [...(processes.get(row.service) ?? []), row]);
      return only(settleTable({ ...model, processes }));
    }
    case "samples":
      return only({
        ...model,
        samples: new Map([...alive(model), ...message.samples]),
        trends: grown(model.trends, message.samples),
      });
    case "events":
      return only({ ...model, events: [...model.events, ...message.entries].slice(-KEPT_EVENTS) });
    case "logs": {
      const { anew, names, lines } = message;
      // What still comes of a stream that is no longer followed.
      if (!anew && model.logs.newer !== "live") return only(model);
      const logs = anew
        ? {
            ...model.logs,
            names,
            lines: [],
            older: model.archive ? ("more" as const) : ("none" as const),
            newer: "live" as const,
            asked: null,
            filed: false,
            dropped: 0,
            anchor: null,
            match: null,
            selectFrom: null,
          }
        : model.logs;
      return only({ ...model, logs: appendLines(logs, lines) });
    }
    case "logPage":
      return takePage(model, message);
    case "logLooked":
      return model.logs.asked?.id === message.id
        ? only({
            ...model,
            notice: { text: `searching, at ${message.time}; esc stops`, tone: "plain" },
          })
        : only(model);
    case "why":
      return only({
        ...model,
        detail: about(model.detail, message.name, { why: message.sentences }),
      });
    case "configured": {
      const { name, configured } = message;
      return only({ ...model, detail: about(model.detail, name, { configured }) });
    }
    case "inspected":
      return only({ ...model, detail: { ...model.detail, inspected: message.inspected } });
    case "proposed":
      return only(proposed(model, message.proposal));
    case "acting":
      return only(acting(model, message.id, message.message));
    case "told": {
      const { id } = message;
      const left = new Map([...model.acting].filter(([one]) => one !== id));
      const notice = { text: message.text, tone: message.good ? "good" : "bad" } as const;
      return only({ ...model, acting: left, notice });
    }
  }
}

/** What is known of another service is no longer shown. */
function about(detail: Detail, name: string, more: Partial<Detail>): Detail {
  const known = detail.name === name ? detail : { ...detail, why: [], configured: null };
  return { ...known, name, ...more };
}

function aged(notice: Notice | null, nowMs: number): Notice | null {
  if (notice === null) return null;
  const sinceMs = notice.sinceMs ?? nowMs;
  return nowMs - sinceMs >= NOTICE_MS ? null : { ...notice, sinceMs };
}

/** What has gone is no longer marked: it would count, and be taken again if it came back. */
function marksKept(model: Model): Model {
  const { table, services } = model;
  const marked = [...table.marked].filter((name) => services.has(name));
  if (marked.length === table.marked.size) return model;
  return { ...model, table: { ...table, marked: new Set(marked) } };
}

/** A pane may have become larger or smaller. */
function settled([model, effects]: Step): Step {
  return [settleTable(model), effects];
}

function only(model: Model): Step {
  return [model, []];
}

/** Another supervisor knows nothing of what this one told. */
function connected(model: Model, project: NonNullable<Model["project"]>): Model {
  const back = model.link.kind === "away" && model.project !== null;
  const other = back && model.project?.pid !== project.pid;
  return {
    ...model,
    project,
    link: { kind: "connected" },
    events: other ? [] : model.events,
    notice: back
      ? { text: `the supervisor is back, pid ${project.pid}`, tone: "good" }
      : model.notice,
  };
}

function acting(model: Model, id: number, message: ActionMessage): Model {
  const what = model.acting.get(id) ?? "";
  switch (message.type) {
    case "progress": {
      const text = `${what.split(": ")[0] ?? ""}: ${message.name} is ${message.state}`;
      return { ...model, acting: new Map([...model.acting, [id, text]]) };
    }
    case "outcome": {
      const { name, ok, message: text } = message.outcome;
      return { ...model, notice: { text: `${name}: ${text}`, tone: ok ? "good" : "bad" } };
    }
    case "end":
      return { ...model, acting: new Map([...model.acting].filter(([one]) => one !== id)) };
  }
}

/** The samples of processes that the supervisor still names. */
function alive(model: Model): readonly (readonly [number, Sample])[] {
  const pids = new Set<number | null>();
  for (const { pid } of model.services.values()) pids.add(pid);
  for (const rows of model.processes.values()) for (const { pid } of rows) pids.add(pid);
  return [...model.samples].filter(([pid]) => pids.has(pid));
}

/** Only what is still looked at keeps its measurements. */
function grown(
  trends: ReadonlyMap<number, Trend>,
  samples: ReadonlyMap<number, Sample>,
): ReadonlyMap<number, Trend> {
  const next = new Map<number, Trend>();
  for (const [pid, { cpuPercent, memoryBytes }] of samples) {
    const before = trends.get(pid) ?? { cpuPercent: [], memoryBytes: [] };
    next.set(pid, {
      cpuPercent: longer(before.cpuPercent, cpuPercent),
      memoryBytes: longer(before.memoryBytes, memoryBytes),
    });
  }
  return next;
}

function longer(values: readonly number[], value: number | null): readonly number[] {
  return value === null ? values : [...values.slice(-(KEPT_MEASUREMENTS - 1)), value];
}
