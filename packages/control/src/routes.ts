import type { IncomingMessage } from "node:http";
import type { ActionMessage, Caller, ServiceAction } from "@supervise/model";
import { attach, resize, sizeOf, whole } from "./attach-route.js";
import {
  badValue,
  booleanOf,
  mapOf,
  namesOf,
  onlyKeys,
  shown,
  textOf,
  type Fields,
} from "./body.js";
import { readQuery, type Query } from "./query.js";
import { RequestError } from "./request-error.js";
import type { ControlTarget } from "./target.js";

/** What a route answers. A stream is sent as JSON lines. */
export type Answer =
  | { readonly kind: "json"; readonly status: number; readonly value: unknown }
  | { readonly kind: "text"; readonly text: string; readonly type: string }
  | { readonly kind: "stream"; readonly items: AsyncIterable<unknown> }
  | BytesAnswer;

/** Bytes as they come. The connection ends with them. */
export interface BytesAnswer {
  readonly kind: "bytes";
  readonly items: AsyncIterable<Uint8Array>;
  readonly headers: Readonly<Record<string, string>>;
  /** Asked once the items have ended. */
  readonly trailers: () => Readonly<Record<string, string>>;
}

/** A request that was read whole. */
export interface RouteRequest {
  readonly target: ControlTarget;
  readonly caller: Caller;
  readonly parameters: URLSearchParams;
  readonly body: Fields;
  /** Of a route that takes its body as it comes, which is empty then: the request. */
  readonly input: IncomingMessage;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** The same, as a handler sees it: checked for parameters and keys that its route does not know. */
interface Asked extends RouteRequest {
  readonly query: Query;
  /** The part of the path that stands for `:name`, decoded; empty where the path has none. */
  readonly name: string;
}

interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Allowed in the query. */
  readonly parameters?: readonly string[];
  /** Allowed in the body. */
  readonly keys?: readonly string[];
  /** The body is no JSON, and is read by whoever handles it while it answers. */
  readonly streams?: true;
  readonly handle: (asked: Asked) => Answer | Promise<Answer>;
}

const ACTIONS: readonly ServiceAction[] = [
  "start",
  "stop",
  "restart",
  "reload",
  "signal",
  "rotate",
];
const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Every route of the control socket; docs/control.md tells of each. */
const ROUTES: readonly Route[] = [
  { method: "GET", path: "/v1/project", handle: ({ target }) => json(target.project()) },
  {
    method: "GET",
    path: "/v1/services",
    parameters: ["name"],
    handle: ({ target, query }) => json({ services: target.services(query.list("name")) }),
  },
  { method: "GET", path: "/v1/services/:name", handle: oneService },
  {
    method: "GET",
    path: "/v1/services/:name/why",
    handle: ({ target, name }) => json({ name, sentences: target.why(name) }),
  },
  {
    method: "GET",
    path: "/v1/services/:name/processes",
    handle: ({ target, name }) => json({ processes: target.processes([name]) }),
  },
  {
    method: "GET",
    path: "/v1/services/:name/exec-context",
    handle: ({ target, name }) => json(target.execContext(name)),
  },
  {
    method: "POST",
    path: "/v1/services/:name/attach",
    parameters: ["columns", "rows"],
    streams: true,
    handle: ({ target, name, query, input, signal }) => {
      const [columns, rows] = [query.number("columns"), query.number("rows")];
      const size = columns === null && rows === null ? null : sizeOf(columns, rows);
      return attach(target, name, size, input, signal);
    },
  },
  {
    method: "POST",
    path: "/v1/services/:name/resize",
    keys: ["attachment", "columns", "rows"],
    handle: ({ target, name, body }) =>
      resize(
        target,
        name,
        whole("attachment", body["attachment"], Number.MAX_SAFE_INTEGER),
        sizeOf(body["columns"], body["rows"]),
      ),
  },
  ...ACTIONS.map((action): Route => ({
    method: "POST",
    path: `/v1/services/:name/${action}`,
    keys: action === "signal" ? ["signal", "wait"] : ["wait"],
    handle: (asked) => act(asked, action, [asked.name]),
  })),
  {
    method: "GET",
    path: "/v1/processes",
    parameters: ["name"],
    handle: ({ target, query }) => json({ processes: target.processes(query.list("name")) }),
  },
  {
    method: "POST",
    path: "/v1/actions",
    keys: ["action", "names", "wait", "signal"],
    handle: actOnMany,
  },
  { method: "POST", path: "/v1/reload", keys: ["preview", "texts"], handle: reload },
  { method: "POST", path: "/v1/scale", keys: ["services"], handle: scale },
  { method: "POST", path: "/v1/shutdown", keys: ["now"], handle: shutDown },
  { method: "POST", path: "/v1/upgrade", handle: upgrade },
  { method: "GET", path: "/v1/events", parameters: ["after", "follow"], handle: events },
  { method: "GET", path: "/v1/logs", parameters: ["name", "lines", "follow"], handle: logs },
  { method: "GET", path: "/v1/health", handle: health },
  {
    method: "GET",
    path: "/metrics",
    parameters: ["usage"],
    handle: ({ target, query }) => ({
      kind: "text",
      text: target.metrics(query.flag("usage")),
      type: METRICS_TYPE,
    }),
  },
];

/** Who answers a request. */
export interface FoundRoute {
  readonly answer: (request: RouteRequest) => Answer | Promise<Answer>;
  /** The body is left to `answer`. */
  readonly streams: boolean;
}

/** Finds who answers a request, before its body is read. Throws `RequestError` 400, 404 or 405. */
export function findRoute(method: string, pathname: string): FoundRoute {
  const segments = pathname.split("/").map(decode);
  const allowed: string[] = [];
  for (const route of ROUTES) {
    const pattern = route.path.split("/");
    if (pattern.length !== segments.length) continue;
    if (!pattern.every((part, index) => part === ":name" || part === segments[index])) continue;
    if (route.method === method) {
      const at = pattern.indexOf(":name");
      const name = at < 0 ? "" : (segments[at] ?? "");
      return {
        answer: (request) => handle(route, name, request),
        streams: route.streams === true,
      };
    }
    allowed.push(route.method);
  }
  const path = shown(pathname);
  if (allowed.length === 0) {
    throw new RequestError(404, "no-such-path", `no such path ${path}`, {
      hint: "docs/control.md names them all",
    });
  }
  const allow = allowed.join(", ");
  throw new RequestError(
    405,
    "method-not-allowed",
    `${method} is not allowed on ${path}; allowed: ${allow}`,
    { allow },
  );
}

function handle(route: Route, name: string, request: RouteRequest): Answer | Promise<Answer> {
  const query = readQuery(request.parameters, route.parameters ?? []);
  onlyKeys(request.body, route.keys ?? []);
  return route.handle({ ...request, query, name });
}

function json(value: unknown, status = 200): Answer {
  return { kind: "json", status, value };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new RequestError(400, "bad-path", `the path holds a bad escape: ${shown(segment)}`);
  }
}

function oneService({ target, name }: Asked): Answer {
  const found = target.services([name]);
  const [status] = found;
  if (status === undefined) {
    throw new RequestError(404, "unknown-service", `cannot find service ${shown(name)}`);
  }
  if (found.length > 1) {
    const message = `${shown(name)} stands for ${found.length} services`;
    throw new RequestError(400, "ambiguous", message, { hint: "ask for /v1/services?name=NAME" });
  }
  return json(status);
}

function act(
  { target, caller, body, signal }: Asked,
  action: ServiceAction,
  names: readonly string[],
): Answer | Promise<Answer> {
  const wait = booleanOf(body, "wait", true);
  const name = textOf(body, "signal");
  if ((action === "signal") !== (name !== null)) {
    const message =
      name === null ? '"signal" must name a signal' : '"signal" goes with action "signal" only';
    throw new RequestError(400, "bad-value", message);
  }
  const request = { action, names, wait, ...(name === null ? {} : { signal: name }) };
  if (wait) return { kind: "stream", items: target.act(request, caller, signal) };
  // What was accepted is carried out, though its client is gone by then.
  return accepted(target.act(request, caller, new AbortController().signal));
}

/**
 * Lets a request begin that is not waited for. What the target refuses at once is an error; what goes on beyond this turn of the loop (a reload
 * command, say) is accepted.
 */
async function accepted(items: AsyncIterable<ActionMessage>): Promise<Answer> {
  const refused: RequestError[] = [];
  const watch = async (): Promise<void> => {
    for await (const message of items) {
      if (message.type !== "outcome" || message.outcome.ok) continue;
      const { name, message: why } = message.outcome;
      refused.push(new RequestError(409, "refused", `service "${name}": ${why}`));
    }
  };
  const turn = new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
  await Promise.race([watch(), turn]);
  if (refused[0] !== undefined) throw refused[0];
  return json({ accepted: true }, 202);
}

function actOnMany(asked: Asked): Answer | Promise<Answer> {
  const found = asked.body["action"];
  const action = ACTIONS.find((one) => one === found);
  if (action === undefined) throw badValue("action", `one of ${ACTIONS.join(", ")}`, found);
  return act(asked, action, namesOf(asked.body));
}

async function reload({ target, caller, body }: Asked): Promise<Answer> {
  const texts = mapOf(body, "texts", "a text", (value) => typeof value === "string");
  if (booleanOf(body, "preview", false)) {
    const result = await target.previewConfiguration(texts);
    const bad = result.diagnostics.some(({ severity }) => severity === "error");
    return json(result, bad ? 422 : 200);
  }
  if (Object.keys(texts).length > 0)
    throw new RequestError(400, "bad-value", '"texts" goes with "preview" only');
  const result = await target.reloadConfiguration(caller);
  return json(result, result.applied ? 200 : 422);
}

async function scale({ target, caller, body }: Asked): Promise<Answer> {
  const counts = mapOf(body, "services", "a whole number from 0 to 10000", isCount);
  if (Object.keys(counts).length === 0)
    throw badValue("services", "an object with a number under each name", body["services"]);
  const result = await target.scale(counts, caller);
  if (result.refused === null) return json(result, result.applied ? 200 : 422);
  const names = Object.keys(counts).map((name) => shown(name));
  const whom = names.length === 1 ? `service ${names[0] ?? ""}` : "services";
  throw new RequestError(409, "refused", `cannot scale ${whom}: ${result.refused}`, {
    ...(result.refused.startsWith("the configuration has changed")
      ? { hint: "apply it with supervise reload first" }
      : {}),
  });
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 10_000;
}

function shutDown({ target, caller, body, signal }: Asked): Answer {
  return { kind: "stream", items: target.shutDown(caller, booleanOf(body, "now", false), signal) };
}

function upgrade({ target, caller }: Asked): Answer {
  const refused = target.upgrade(caller);
  if (refused === null) return json({ accepted: true }, 202);
  throw new RequestError(409, "refused", `cannot upgrade the supervisor: ${refused}`, {
    hint: "start it under supervise-init, as supervise up -d does, for an upgrade without a stop",
  });
}

function events({ target, query, signal }: Asked): Answer {
  const asked = { after: query.number("after") ?? 0, follow: query.flag("follow") };
  return { kind: "stream", items: target.events(asked, signal) };
}

function logs({ target, query, signal }: Asked): Answer {
  const lines = query.number("lines");
  const asked = { names: query.list("name"), lines, follow: query.flag("follow") };
  return { kind: "stream", items: target.logs(asked, signal) };
}

function health({ target }: Asked): Answer {
  const failing = target
    .services([])
    .filter((one) => (one.wanted === "up" && one.state === "failed") || one.health === "unhealthy")
    .map(({ name, state, health: result, reason }) => ({ name, state, health: result, reason }));
  const healthy = failing.length === 0;
  return json({ healthy, failing }, healthy ? 200 : 503);
}
