import type { IncomingMessage } from "node:http";
import type {
  ActionMessage,
  ActionRequest,
  AttachQuery,
  EventEntry,
  EventQuery,
  ExecContext,
  LogLine,
  LogQuery,
  ProcessRow,
  ProjectStatus,
  ReloadResult,
  ScaleResult,
  ServiceStatus,
  TerminalSize,
} from "@supervise/model";
import { attachTo, type AttachedService } from "./attach-client.js";
import { badAnswer, errorIn, isError, open, textOf, type Ask } from "./ask.js";
import { connectionLost, ControlError } from "./control-error.js";
import { parseJsonLines } from "./json-lines.js";

export interface Health {
  readonly healthy: boolean;
  readonly failing: readonly {
    readonly name: string;
    readonly state: string;
    readonly health: string;
    readonly reason: string;
  }[];
}

/** The other side of the control socket. Every method throws `ControlError`; a stream ends when `signal` is aborted. */
export interface ControlClient {
  project(signal?: AbortSignal): Promise<ProjectStatus>;
  /** Those that are named, or match a pattern; none named: all. */
  services(names: readonly string[], signal?: AbortSignal): Promise<readonly ServiceStatus[]>;
  service(name: string): Promise<ServiceStatus>;
  why(name: string): Promise<readonly string[]>;
  processes(names: readonly string[]): Promise<readonly ProcessRow[]>;
  /** Without `wait` it yields nothing and returns once the request is accepted. */
  act(request: ActionRequest, signal?: AbortSignal): AsyncIterable<ActionMessage>;
  /** A configuration with mistakes is a result too: `applied` is false. */
  reload(): Promise<ReloadResult>;
  /** What a reload would do, with these texts in place of the files of these absolute paths; nothing is changed. */
  preview(texts: Readonly<Record<string, string>>): Promise<ReloadResult>;
  /** So many replicas of each of these services. A configuration with mistakes is a result too; what is refused is a `ControlError`. */
  scale(counts: Readonly<Record<string, number>>): Promise<ReloadResult>;
  shutDown(now: boolean, signal?: AbortSignal): AsyncIterable<ActionMessage>;
  events(query: EventQuery, signal?: AbortSignal): AsyncIterable<EventEntry>;
  logs(query: LogQuery, signal?: AbortSignal): AsyncIterable<LogLine>;
  /** Settles once it is accepted; the supervisor ends right after. */
  upgrade(): Promise<void>;
  execContext(name: string): Promise<ExecContext>;
  /** Settles once it is attached. `signal` leaves it, at any time. */
  attach(query: AttachQuery, signal: AbortSignal): Promise<AttachedService>;
  /** The terminal of whoever attached has another size now. */
  resizeTerminal(name: string, attachment: number, size: TerminalSize): Promise<void>;
  /** With `usage`, what the processes of each service use too. */
  metrics(asked?: { readonly usage?: boolean }): Promise<string>;
  health(): Promise<Health>;
}

/**
 * A supervisor that dies before the answer to a question has a successor where a keeper holds its control socket open; it is asked anew, as often as a keeper
 * bears deaths within a minute. Without a keeper nobody listens, which the next try says.
 */
const MOST_ASKED_AGAIN = 6;

/** Connects anew for each request; nothing is open between them. */
export function createClient(options: { readonly socketPath: string }): ControlClient {
  const { socketPath } = options;
  const text = async (ask: Ask): Promise<string> => {
    for (let left = MOST_ASKED_AGAIN; ; left--) {
      try {
        return await textOf(socketPath, await open(socketPath, ask));
      } catch (error) {
        const isLost = error instanceof ControlError && error.code === "connection-lost";
        if (!isLost || ask.method !== "GET" || left === 0) throw error;
      }
    }
  };
  const json = async <T>(ask: Ask): Promise<T> => {
    const answer = await text(ask);
    try {
      return JSON.parse(answer) as T;
    } catch (error) {
      throw badAnswer(socketPath, error);
    }
  };
  const get = <T>(path: string, also: readonly number[] = [], signal?: AbortSignal): Promise<T> =>
    json<T>({ method: "GET", path, also, signal });
  const service = (name: string): string => `/v1/services/${encodeURIComponent(name)}`;
  const stream = <T>(ask: Ask): AsyncGenerator<T> => readStream<T>(socketPath, ask);

  return {
    project: (signal) => get<ProjectStatus>("/v1/project", [], signal),
    services: async (names, signal) => {
      const path = `/v1/services${queryOf({ name: names })}`;
      return (await get<{ services: readonly ServiceStatus[] }>(path, [], signal)).services;
    },
    service: (name) => get<ServiceStatus>(service(name)),
    why: async (name) =>
      (await get<{ sentences: readonly string[] }>(`${service(name)}/why`)).sentences,
    processes: async (names) =>
      (await get<{ processes: readonly ProcessRow[] }>(`/v1/processes${queryOf({ name: names })}`))
        .processes,
    act: (request, signal) =>
      stream({ method: "POST", path: "/v1/actions", body: request, signal }),
    reload: () => json<ReloadResult>({ method: "POST", path: "/v1/reload", also: [422] }),
    preview: (texts) =>
      json<ReloadResult>({
        method: "POST",
        path: "/v1/reload",
        body: { preview: true, texts },
        also: [422],
      }),
    scale: (services) =>
      json<ScaleResult>({ method: "POST", path: "/v1/scale", body: { services }, also: [422] }),
    shutDown: (now, signal) =>
      stream({ method: "POST", path: "/v1/shutdown", body: { now }, signal }),
    upgrade: async () => void (await text({ method: "POST", path: "/v1/upgrade" })),
    events: ({ after, follow }, signal) =>
      stream({ method: "GET", path: `/v1/events${queryOf({ after, follow })}`, signal }),
    logs: ({ names, lines, follow }, signal) =>
      stream({
        method: "GET",
        path: `/v1/logs${queryOf({ name: names, lines, follow })}`,
        signal,
      }),
    execContext: (name) => get<ExecContext>(`${service(name)}/exec-context`),
    attach: ({ name, size }, signal) =>
      attachTo(socketPath, `${service(name)}/attach${queryOf({ ...size })}`, signal),
    resizeTerminal: async (name, attachment, size) => {
      const body = { attachment, ...size };
      await text({ method: "POST", path: `${service(name)}/resize`, body });
    },
    metrics: (asked = {}) =>
      text({ method: "GET", path: asked.usage === true ? "/metrics?usage" : "/metrics" }),
    health: () => get<Health>("/v1/health", [503]),
  };
}

async function* readStream<T>(socketPath: string, ask: Ask): AsyncGenerator<T> {
  let response: IncomingMessage;
  try {
    response = await open(socketPath, ask);
  } catch (error) {
    if (ask.signal?.aborted === true) return;
    throw error;
  }
  try {
    if (response.statusCode === 202) return;
    for await (const item of parseJsonLines(response)) {
      if (isError(item)) throw errorIn(item);
      yield item as T;
    }
  } catch (error) {
    if (ask.signal?.aborted === true) return;
    if (error instanceof ControlError) throw error;
    throw error instanceof SyntaxError
      ? badAnswer(socketPath, error)
      : connectionLost(socketPath, error);
  } finally {
    response.destroy();
  }
}

function queryOf(
  values: Readonly<Record<string, number | boolean | null | readonly string[]>>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === null) continue;
    for (const one of typeof value === "object" ? value : [String(value)]) query.append(name, one);
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
