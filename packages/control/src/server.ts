import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Caller } from "@supervise/model";
import { readBody } from "./body.js";
import { DEFAULT_LIMITS, type ControlLimits } from "./limits.js";
import { descriptorOf, type Peer } from "./peer.js";
import { errorBody, RequestError, toRequestError } from "./request-error.js";
import { findRoute, type Answer } from "./routes.js";
import { sendStream } from "./send-stream.js";
import { listenOn, removeOwn } from "./socket-file.js";
import type { ControlTarget } from "./target.js";

export interface ControlOptions {
  /** Path of the socket; its directory must exist. */
  readonly path: string;
  /** Peer credentials of a connected descriptor (unix(7), SO_PEERCRED); null: the kernel does not tell. */
  readonly peer: (fd: number) => Peer | null;
  /** Besides root only this user may ask. */
  readonly ownUid: number;
  readonly onWarning: (message: string) => void;
  readonly limits?: Partial<ControlLimits>;
}

export interface ControlServer {
  readonly path: string;
  /** Removes the socket if it is still ours; lets answers that are under way end, for a second, and cuts the rest. */
  close(): Promise<void>;
}

/** No timer is armed while nobody asks: Node's own watch over connections would wake an idle supervisor every 30 s. */
const NEVER_MS = 2_147_483_647;

/** So long may streams that have come to their end take to send their last items when the server closes, in milliseconds. */
const LAST_WORDS_MS = 1_000;

/** Serves `target` on a Unix socket: HTTP/1.1 with JSON. Rejects where the socket can't be made. Nothing that a client does harms the target. */
export async function serveControl(target: ControlTarget, options: ControlOptions): Promise<ControlServer> {
  const { createServer } = await import("node:http");
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const callers = new WeakMap<Socket, Caller>();
  const open = new Set<Socket>();
  const answering = new Map<Socket, ServerResponse>();
  const patience = new WeakMap<Socket, NodeJS.Timeout>();

  const relax = (socket: Socket): void => {
    clearTimeout(patience.get(socket));
    patience.delete(socket);
  };
  /** A request must be whole by then. */
  const press = (socket: Socket): void => {
    relax(socket);
    patience.set(
      socket,
      setTimeout(() => refuseRaw(socket, new RequestError(408, "timeout", `a whole request must come within ${limits.requestMs / 1_000} s`)), limits.requestMs),
    );
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const caller = callers.get(request.socket);
    if (caller === undefined) throw new RequestError(403, "not-allowed", "only root and the supervisor's own user may ask");
    const url = new URL(request.url ?? "/", "http://supervise");
    const { handle, path } = findRoute(request.method ?? "", url.pathname);
    const body = await readBody(request, limits.bodyBytes);
    relax(request.socket);
    const gone = new AbortController();
    answering.set(request.socket, response);
    response.once("close", () => {
      gone.abort();
      answering.delete(request.socket);
      // A connection that is kept for a next request holds a place, so the next one must come in time.
      if (!request.socket.destroyed) press(request.socket);
    });
    const result = await handle({ target, caller, parameters: url.searchParams, path, body, signal: gone.signal });
    await send(response, result, limits, gone.signal);
  };

  const server = createServer({
    connectionsCheckingInterval: NEVER_MS,
    headersTimeout: 0,
    requestTimeout: 0,
    keepAliveTimeout: 0,
    maxHeaderSize: limits.headBytes,
  });
  server.on("request", (request, response) => {
    response.on("error", () => undefined);
    answer(request, response).catch((error: unknown) => {
      relax(request.socket);
      const problem = toRequestError(error);
      if (problem.status === 500) options.onWarning(`Cannot answer ${request.method} "${request.url}": ${problem.message}`);
      if (response.headersSent) response.destroy();
      else sendError(response, problem);
    });
  });
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      relax(socket);
      open.delete(socket);
    });
    press(socket);
    if (open.size > limits.connections) return refuseRaw(socket, new RequestError(503, "too-many", `at most ${limits.connections} connections at once`));
    const fd = descriptorOf(socket);
    const peer = fd === null ? null : options.peer(fd);
    if (peer !== null && (peer.uid === 0 || peer.uid === options.ownUid)) callers.set(socket, { pid: peer.pid, uid: peer.uid });
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const large = error.code === "HPE_HEADER_OVERFLOW";
    refuseRaw(socket as Socket, large ? new RequestError(431, "too-large", `the head must be at most ${limits.headBytes} bytes`) : new RequestError(400, "bad-request", "this is no HTTP/1.1 request"));
  });

  const inode = await listenOn(server, options.path);
  server.on("error", (error) => options.onWarning(`Control socket "${options.path}": ${error.message}`));
  return {
    path: options.path,
    close: () =>
      new Promise((resolve) => {
        removeOwn(options.path, inode);
        const limit = setTimeout(() => {
          for (const socket of open) socket.destroy();
        }, LAST_WORDS_MS);
        server.close(() => {
          clearTimeout(limit);
          resolve();
        });
        for (const socket of open) {
          const response = answering.get(socket);
          if (response === undefined) socket.destroy();
          else response.once("close", () => socket.destroy());
        }
      }),
  };
}

async function send(response: ServerResponse, answer: Answer, limits: ControlLimits, signal: AbortSignal): Promise<void> {
  switch (answer.kind) {
    case "json":
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(`${JSON.stringify(answer.value)}\n`);
      return;
    case "text":
      response.writeHead(200, { "content-type": answer.type });
      response.end(answer.text);
      return;
    case "stream":
      await sendStream(response, answer.items, limits.stalledMs, signal);
  }
}

function sendError(response: ServerResponse, error: RequestError): void {
  response.writeHead(error.status, { "content-type": "application/json", connection: "close", ...(error.allow === null ? {} : { allow: error.allow }) });
  response.end(errorBody(error));
}

/** Answers where there is no request to answer to, and ends the connection. */
function refuseRaw(socket: Socket, error: RequestError): void {
  if (socket.destroyed) return;
  const body = errorBody(error);
  const head = `HTTP/1.1 ${error.status} ${error.code}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`;
  if (socket.writable) socket.end(head + body, () => socket.destroy());
  else socket.destroy();
}
