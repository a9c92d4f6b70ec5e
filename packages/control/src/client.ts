import type { IncomingMessage } from "node:http";
import type {
  ActionMessage, ActionRequest, EventEntry, EventQuery, ExecContext, LogLine, LogQuery, ProcessRow, ProjectStatus, ReloadResult, ServiceStatus,
} from "@supervise/model";
import { ControlError, connectError } from "./control-error.js";
import { parseJsonLines } from "./json-lines.js";

export interface Health {
  readonly healthy: boolean;
  readonly failing: readonly { readonly name: string; readonly state: string; readonly health: string; readonly reason: string }[];
}

/** The other side of the control socket. Every method throws `ControlError`; a stream ends when `signal` is aborted. */
export interface ControlClient {
  project(): Promise<ProjectStatus>;
  services(names: readonly string[]): Promise<readonly ServiceStatus[]>;
  service(name: string): Promise<ServiceStatus>;
  why(name: string): Promise<readonly string[]>;
  processes(names: readonly string[]): Promise<readonly ProcessRow[]>;
  /** Without `wait` it yields nothing and returns once the request is accepted. */
  act(request: ActionRequest, signal?: AbortSignal): AsyncIterable<ActionMessage>;
  /** A configuration with mistakes is a result too: `applied` is false. */
  reload(): Promise<ReloadResult>;
  shutDown(now: boolean, signal?: AbortSignal): AsyncIterable<ActionMessage>;
  events(query: EventQuery, signal?: AbortSignal): AsyncIterable<EventEntry>;
  logs(query: LogQuery, signal?: AbortSignal): AsyncIterable<LogLine>;
  execContext(name: string): Promise<ExecContext>;
  metrics(): Promise<string>;
  health(): Promise<Health>;
}

interface Ask {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Statuses besides 2xx that carry an answer and no error. */
  readonly also?: readonly number[];
}

/** Connects anew for each request; nothing is open between them. */
export function createClient(options: { readonly socketPath: string }): ControlClient {
  const ask = (request: Ask): Promise<IncomingMessage> => open(options.socketPath, request);
  const json = async (request: Ask): Promise<unknown> => {
    const text = await textOf(await ask(request));
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      throw new ControlError("bad-answer", `cannot read the answer of control socket "${options.socketPath}": it is not JSON`, { cause: error });
    }
  };
  async function* stream<T>(request: Ask): AsyncGenerator<T> {
    const response = await ask(request);
    if (response.statusCode === 202) return response.resume();
    try {
      for await (const item of parseJsonLines(response)) {
        if (isError(item)) throw new ControlError(item.error.code, item.error.message, { hint: item.error.hint });
        yield item as T;
      }
    } catch (error) {
      if (request.signal?.aborted === true) return;
      if (error instanceof ControlError) throw error;
      throw new ControlError("connection-lost", `control socket "${options.socketPath}": the supervisor went away`, { cause: error });
    } finally {
      response.destroy();
    }
    return undefined;
  }
  const part = encodeURIComponent;
  const named = (names: readonly string[]): string => names.map((name) => `name=${part(name)}`).join("&");

  return {
    project: async () => (await json({ method: "GET", path: "/v1/project" })) as ProjectStatus,
    services: async (names) => ((await json({ method: "GET", path: `/v1/services?${named(names)}` })) as { services: readonly ServiceStatus[] }).services,
    service: async (name) => (await json({ method: "GET", path: `/v1/services/${part(name)}` })) as ServiceStatus,
    why: async (name) => ((await json({ method: "GET", path: `/v1/services/${part(name)}/why` })) as { sentences: readonly string[] }).sentences,
    processes: async (names) => ((await json({ method: "GET", path: `/v1/processes?${named(names)}` })) as { processes: readonly ProcessRow[] }).processes,
    act: (request, signal) => stream({ method: "POST", path: "/v1/actions", body: request, signal }),
    reload: async () => (await json({ method: "POST", path: "/v1/reload", also: [422] })) as ReloadResult,
    shutDown: (now, signal) => stream({ method: "POST", path: "/v1/shutdown", body: { now }, signal }),
    events: ({ after, follow }, signal) => stream({ method: "GET", path: `/v1/events?after=${after}&follow=${follow}`, signal }),
    logs: ({ names, lines, follow }, signal) =>
      stream({ method: "GET", path: `/v1/logs?${[named(names), ...(lines === null ? [] : [`lines=${lines}`]), `follow=${follow}`].filter((one) => one !== "").join("&")}`, signal }),
    execContext: async (name) => (await json({ method: "GET", path: `/v1/services/${part(name)}/exec-context` })) as ExecContext,
    metrics: async () => textOf(await ask({ method: "GET", path: "/metrics" })),
    health: async () => (await json({ method: "GET", path: "/v1/health", also: [503] })) as Health,
  };
}

async function open(socketPath: string, ask: Ask): Promise<IncomingMessage> {
  const http = await import("node:http");
  const body = ask.body === undefined ? null : JSON.stringify(ask.body);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = http.request({
      socketPath,
      method: ask.method,
      path: ask.path,
      agent: false,
      headers: { host: "supervise", ...(body === null ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }) },
      ...(ask.signal === undefined ? {} : { signal: ask.signal }),
    });
    request.once("response", resolve);
    request.on("error", (error: NodeJS.ErrnoException) => reject(connectError(socketPath, error)));
    request.end(body ?? undefined);
  });
  const status = response.statusCode ?? 0;
  if ((status >= 200 && status < 300) || ask.also?.includes(status) === true) return response;
  const text = await textOf(response);
  throw errorOf(status, text);
}

function errorOf(status: number, text: string): ControlError {
  try {
    const value: unknown = JSON.parse(text);
    if (isError(value)) return new ControlError(value.error.code, value.error.message, { hint: value.error.hint });
  } catch {
    // Not ours: told by its status below.
  }
  return new ControlError("bad-answer", `the control socket answered ${status}`);
}

function isError(value: unknown): value is { readonly error: { readonly code: string; readonly message: string; readonly hint: string | null } } {
  return typeof value === "object" && value !== null && "error" in value && typeof value.error === "object" && value.error !== null && "message" in value.error;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
