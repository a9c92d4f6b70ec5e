import type { ActionMessage, Caller, ServiceAction } from "@supervise/model";
import { booleanOf, namesOf, onlyKeys, textOf } from "./body.js";
import { readQuery } from "./query.js";
import { RequestError } from "./request-error.js";
import type { ControlTarget } from "./target.js";

/** What a route answers. A stream is sent as JSON lines. */
export type Answer =
  | { readonly kind: "json"; readonly status: number; readonly value: unknown }
  | { readonly kind: "text"; readonly text: string; readonly type: string }
  | { readonly kind: "stream"; readonly items: AsyncIterable<unknown> };

export interface RouteRequest {
  readonly target: ControlTarget;
  readonly caller: Caller;
  readonly parameters: URLSearchParams;
  /** Of the path, decoded: the parts that stand for `:name` and `:action`. */
  readonly path: readonly string[];
  readonly body: Readonly<Record<string, unknown>>;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

type Handler = (request: RouteRequest) => Answer | Promise<Answer>;

interface Route {
  readonly method: "GET" | "POST";
  /** Segments; one that begins with ":" takes any. */
  readonly path: string;
  readonly handle: Handler;
}

const ACTIONS: ReadonlySet<string> = new Set(["start", "stop", "restart", "reload", "signal"]);
const json = (value: unknown, status = 200): Answer => ({ kind: "json", status, value });
const plain = (request: RouteRequest): RouteRequest => {
  readQuery(request.parameters, []);
  return request;
};

/** Every route of the control socket; docs/control.md tells of each. */
const ROUTES: readonly Route[] = [
  { method: "GET", path: "/v1/project", handle: (request) => json(plain(request).target.project()) },
  { method: "GET", path: "/v1/services", handle: ({ target, parameters }) => json({ services: target.services(readQuery(parameters, ["name"]).list("name")) }) },
  { method: "GET", path: "/v1/services/:name", handle: (request) => json(one(plain(request))) },
  { method: "GET", path: "/v1/services/:name/why", handle: (request) => json({ name: nameOf(request), sentences: plain(request).target.why(nameOf(request)) }) },
  { method: "GET", path: "/v1/services/:name/processes", handle: (request) => json({ processes: plain(request).target.processes([nameOf(request)]) }) },
  { method: "GET", path: "/v1/services/:name/exec-context", handle: (request) => json(plain(request).target.execContext(nameOf(request))) },
  { method: "POST", path: "/v1/services/:name/:action", handle: actOnOne },
  { method: "GET", path: "/v1/processes", handle: ({ target, parameters }) => json({ processes: target.processes(readQuery(parameters, ["name"]).list("name")) }) },
  { method: "POST", path: "/v1/actions", handle: actOnMany },
  { method: "POST", path: "/v1/reload", handle: reload },
  { method: "POST", path: "/v1/shutdown", handle: shutDown },
  { method: "GET", path: "/v1/events", handle: events },
  { method: "GET", path: "/v1/logs", handle: logs },
  { method: "GET", path: "/v1/health", handle: (request) => health(plain(request)) },
  { method: "GET", path: "/metrics", handle: (request) => ({ kind: "text", text: plain(request).target.metrics(), type: "text/plain; version=0.0.4; charset=utf-8" }) },
];

/** Finds the handler. Throws `RequestError` 404 or 405. */
export function findRoute(method: string, pathname: string): { readonly handle: Handler; readonly path: readonly string[] } {
  const segments = pathname.split("/").map(decode);
  const allowed: string[] = [];
  for (const route of ROUTES) {
    const pattern = route.path.split("/");
    if (pattern.length !== segments.length || !pattern.every((part, index) => part.startsWith(":") || part === segments[index])) continue;
    if (route.method === method) return { handle: route.handle, path: segments.filter((_, index) => pattern[index]?.startsWith(":") === true) };
    allowed.push(route.method);
  }
  if (allowed.length === 0) throw new RequestError(404, "no-such-path", `no such path "${pathname}"`, { hint: "docs/control.md names them all" });
  const allow = [...new Set(allowed)].join(", ");
  throw new RequestError(405, "method-not-allowed", `${method} is not allowed on "${pathname}"; allowed: ${allow}`, { allow });
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new RequestError(400, "bad-path", `the path holds a bad escape: "${segment}"`);
  }
}

function nameOf({ path }: RouteRequest): string {
  return path[0] ?? "";
}

function one(request: RouteRequest): unknown {
  const [status] = request.target.services([nameOf(request)]);
  if (status === undefined) throw new RequestError(404, "unknown-service", `cannot find service "${nameOf(request)}"`);
  return status;
}

function act(request: RouteRequest, action: ServiceAction, names: readonly string[]): Answer | Promise<Answer> {
  const wait = booleanOf(request.body, "wait", true);
  const signal = textOf(request.body, "signal");
  if (action === "signal" && signal === null) throw new RequestError(400, "bad-value", '"signal" must name a signal');
  const items = request.target.act({ action, names, wait, ...(signal === null ? {} : { signal }) }, request.caller, request.signal);
  return wait ? { kind: "stream", items } : accepted(items);
}

/** Lets a request that is not waited for begin; its errors still count. */
async function accepted(items: AsyncIterable<ActionMessage>): Promise<Answer> {
  for await (const message of items) if (message.type === "end") break;
  return json({ accepted: true }, 202);
}

function actOnOne(request: RouteRequest): Answer | Promise<Answer> {
  readQuery(request.parameters, []);
  const action = request.path[1] ?? "";
  if (!ACTIONS.has(action)) throw new RequestError(404, "no-such-path", `no such action "${action}"; allowed: ${[...ACTIONS].join(", ")}`);
  onlyKeys(request.body, ["wait", "signal"]);
  return act(request, action as ServiceAction, [nameOf(request)]);
}

function actOnMany(request: RouteRequest): Answer | Promise<Answer> {
  readQuery(request.parameters, []);
  onlyKeys(request.body, ["action", "names", "wait", "signal"]);
  const action = textOf(request.body, "action");
  if (action === null || !ACTIONS.has(action)) throw new RequestError(400, "bad-value", `"action" must be one of ${[...ACTIONS].join(", ")}, found ${JSON.stringify(action)}`);
  return act(request, action as ServiceAction, namesOf(request.body));
}

async function reload(request: RouteRequest): Promise<Answer> {
  readQuery(request.parameters, []);
  onlyKeys(request.body, []);
  const result = await request.target.reloadConfiguration(request.caller);
  return json(result, result.applied ? 200 : 422);
}

function shutDown(request: RouteRequest): Answer {
  readQuery(request.parameters, []);
  onlyKeys(request.body, ["now"]);
  return { kind: "stream", items: request.target.shutDown(request.caller, booleanOf(request.body, "now", false), request.signal) };
}

function events({ target, parameters, signal }: RouteRequest): Answer {
  const query = readQuery(parameters, ["after", "follow"]);
  return { kind: "stream", items: target.events({ after: query.number("after") ?? 0, follow: query.flag("follow") }, signal) };
}

function logs({ target, parameters, signal }: RouteRequest): Answer {
  const query = readQuery(parameters, ["name", "lines", "follow"]);
  return { kind: "stream", items: target.logs({ names: query.list("name"), lines: query.number("lines"), follow: query.flag("follow") }, signal) };
}

function health({ target }: RouteRequest): Answer {
  const failing = target.services([]).filter(({ wanted, state, health: result }) => (wanted === "up" && state === "failed") || result === "unhealthy");
  const named = failing.map(({ name, state, health: result, reason }) => ({ name, state, health: result, reason }));
  return json({ healthy: failing.length === 0, failing: named }, failing.length === 0 ? 200 : 503);
}
