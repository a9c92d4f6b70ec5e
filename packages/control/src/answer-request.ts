import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller } from "@supervise/model";
import { discardBody, readBody, type Fields } from "./body.js";
import type { Connection } from "./connection.js";
import type { ControlLimits } from "./limits.js";
import { errorBody, RequestError, toRequestError } from "./request-error.js";
import { findRoute, type Answer } from "./routes.js";
import { sendBytes } from "./send-bytes.js";
import { sendStream } from "./send-stream.js";
import type { ControlTarget } from "./target.js";

export interface Answering {
  readonly target: ControlTarget;
  readonly limits: ControlLimits;
  readonly onWarning: (message: string) => void;
  /** Paths that are answered; null: all that there are. */
  readonly paths: ReadonlySet<string> | null;
}

/** What the client expects before it sends the body (RFC 9110, section 10.1.1). */
export type Expectation = "none" | "continue" | "unknown";

/** Answers one request, whatever happens. Resolves once the answer is written; it never rejects. */
export async function answerRequest(
  { target, limits, onWarning, paths }: Answering,
  connection: Connection,
  request: IncomingMessage,
  response: ServerResponse,
  expectation: Expectation,
  caller: Caller,
  signal: AbortSignal,
): Promise<void> {
  // The client may go away at any moment; that it did is told by the signal.
  response.on("error", () => undefined);
  request.on("error", () => undefined);
  let mayCome = expectation === "none";
  try {
    if (request.headers.host === undefined && request.httpVersion === "1.1") {
      throw new RequestError(400, "bad-request", 'HTTP/1.1 asks for a header "host"');
    }
    if (expectation === "unknown") {
      const message = 'the header "expect" may hold 100-continue only';
      throw new RequestError(417, "bad-expectation", message);
    }
    const { pathname, parameters } = readAddress(request.url ?? "");
    if (paths?.has(pathname) === false) throw notHere(pathname, paths);
    const route = findRoute(request.method ?? "", pathname);
    const begin = (): void => {
      if (!mayCome) response.writeContinue();
      mayCome = true;
    };
    let body: Fields = {};
    if (route.streams) begin();
    else body = await readBody(request, limits.bodyBytes, begin);
    connection.relax();
    await send(
      response,
      await route.answer({ target, caller, parameters, body, input: request, signal }),
      limits,
      signal,
    );
  } catch (error) {
    const problem = toRequestError(error);
    if (problem.status === 500) {
      onWarning(`Cannot answer ${request.method} "${request.url}": ${problem.message}`);
    }
    if (connection.over) return;
    // In the middle of a stream the only answer left is a last line that says so.
    if (response.headersSent) response.end(errorBody(problem));
    else await sendError(request, response, problem, mayCome ? limits.bodyBytes * 8 : 0);
  }
}

function notHere(pathname: string, paths: ReadonlySet<string>): RequestError {
  const served = [...paths].join(" and ");
  const message = `no such path "${pathname.slice(0, 100)}"; only ${served} are served here`;
  return new RequestError(404, "no-such-path", message);
}

/** By hand: a URL parser would fold "..", take "//name" for a host, and accept what is no path at all. */
function readAddress(address: string): { pathname: string; parameters: URLSearchParams } {
  // The absolute form, which a client that knows of proxies may send.
  const origin = /^https?:\/\/[^/?]*/i.exec(address)?.[0] ?? "";
  const rest = address.slice(origin.length);
  if (!rest.startsWith("/")) {
    throw new RequestError(400, "bad-path", 'the path must begin with "/"');
  }
  const mark = rest.indexOf("?");
  return {
    pathname: mark < 0 ? rest : rest.slice(0, mark),
    parameters: new URLSearchParams(mark < 0 ? "" : rest.slice(mark + 1)),
  };
}

async function send(
  response: ServerResponse,
  answer: Answer,
  limits: ControlLimits,
  signal: AbortSignal,
): Promise<void> {
  switch (answer.kind) {
    case "json":
      sendText(response, answer.status, "application/json", `${JSON.stringify(answer.value)}\n`);
      break;
    case "text":
      sendText(response, 200, answer.type, answer.text);
      break;
    case "bytes":
      return sendBytes(response, answer, limits.stalledMs);
    case "stream":
      return sendStream(response, answer.items, limits, signal);
  }
  response.socket?.setTimeout(limits.stalledMs);
}

function sendText(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
  });
  response.end(text);
}

/** A body that was not read to its end ends the connection; up to `discardBytes` of it are read meanwhile, so that the client gets to the answer. */
async function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  error: RequestError,
  discardBytes: number,
): Promise<void> {
  const text = errorBody(error);
  response.writeHead(error.status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...(error.allow === null ? {} : { allow: error.allow }),
    ...(request.complete ? {} : { connection: "close" }),
  });
  if (request.complete || discardBytes === 0) {
    response.end(text);
    return;
  }
  response.write(text);
  await discardBody(request, discardBytes);
  response.end();
}
