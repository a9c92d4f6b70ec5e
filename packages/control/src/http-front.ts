import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Caller } from "@supervise/model";
import { answerRequest, type Expectation } from "./answer-request.js";
import { Connection } from "./connection.js";
import type { ControlLimits } from "./limits.js";
import { RequestError } from "./request-error.js";
import type { ControlTarget } from "./target.js";

export interface FrontOptions {
  readonly limits: ControlLimits;
  readonly onWarning: (message: string) => void;
  /** Who has connected; null: nobody who may ask. */
  readonly callerOf: (socket: Socket) => Caller | null;
  /** Paths that are answered; null: all that there are. */
  readonly paths: ReadonlySet<string> | null;
}

/** An HTTP server that does not listen yet. */
export interface Front {
  readonly server: HttpServer;
  /** Lets answers that are under way end, for a second, and cuts the rest. */
  close(): Promise<void>;
}

/** No timer is armed while nobody asks: Node's own watch over connections would wake an idle supervisor every 30 s. */
const NEVER_MS = 2_147_483_647;

/** So long may streams that have come to their end take to send their last items when the server closes, in milliseconds. */
const LAST_WORDS_MS = 1_000;

/** Then they are told to end, and cut after so many milliseconds more. */
const CUT_MS = 100;

/** Connections beyond the limit that are told so; others are closed without a word. */
const TOLD = 64;

/** Serves `target` over HTTP/1.1 with JSON. Nothing that a client does harms the target. */
export async function createFront(target: ControlTarget, options: FrontOptions): Promise<Front> {
  const { createServer } = await import("node:http");
  const { limits, onWarning, paths } = options;
  const connections = new WeakMap<Socket, Connection>();
  const open = new Set<Connection>();
  /** Those that hold a place. */
  const served = new Set<Connection>();

  const server = createServer({
    connectionsCheckingInterval: NEVER_MS,
    headersTimeout: 0,
    requestTimeout: 0,
    keepAliveTimeout: 0,
    maxHeaderSize: limits.headBytes,
    insecureHTTPParser: false,
    // Refused by `answerRequest`, in JSON.
    requireHostHeader: false,
  });
  server.maxHeadersCount = 0;
  server.maxConnections = limits.connections + TOLD;

  const take =
    (expectation: Expectation) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      const connection = connections.get(request.socket);
      if (connection === undefined || connection.over) {
        request.resume();
        return;
      }
      connection.enqueue(response, (caller, signal) =>
        answerRequest(
          { target, limits, onWarning, paths },
          connection,
          request,
          response,
          expectation,
          caller,
          signal,
        ),
      );
    };
  server.on("request", take("none"));
  server.on("checkContinue", take("continue"));
  server.on("checkExpectation", take("unknown"));
  server.on("connect", (_request, socket) => {
    const message = "CONNECT is not allowed; allowed: GET, POST";
    const error = new RequestError(405, "method-not-allowed", message, { allow: "GET, POST" });
    connections.get(socket as Socket)?.refuse(error);
  });
  server.on("connection", (socket: Socket) => {
    const connection = new Connection(socket, limits, () => served.delete(connection));
    connections.set(socket, connection);
    open.add(connection);
    socket.once("close", () => open.delete(connection));
    if (served.size >= limits.connections) {
      const message = `at most ${limits.connections} connections at once`;
      connection.refuse(new RequestError(503, "too-many", message));
      return;
    }
    connection.caller = options.callerOf(socket);
    if (connection.caller === null) {
      const message = "only root and the supervisor's own user may ask";
      connection.refuse(new RequestError(403, "not-allowed", message));
      return;
    }
    served.add(connection);
    connection.press();
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const connection = connections.get(socket as Socket);
    if (connection === undefined || error.code === "ECONNRESET" || error.code === "EPIPE") {
      socket.destroy();
    } else connection.refuse(unreadable(error, limits));
  });

  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    const later = (delayMs: number, act: () => void): void => {
      timer = setTimeout(act, delayMs);
    };
    later(LAST_WORDS_MS, () => {
      for (const connection of open) connection.leave();
      later(CUT_MS, () => {
        for (const { socket } of open) socket.destroy();
      });
    });
    const end = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    for (const connection of open) connection.finish();
    await end;
    clearTimeout(timer);
  };
  return { server, close: () => (closed ??= close()) };
}

/** What Node's parser could not read. */
function unreadable({ code }: NodeJS.ErrnoException, { headBytes }: ControlLimits): RequestError {
  if (code === "HPE_HEADER_OVERFLOW") {
    return new RequestError(431, "too-large", `the head must be at most ${headBytes} bytes`);
  }
  if (code === "HPE_CHUNK_EXTENSIONS_OVERFLOW") {
    return new RequestError(413, "too-large", "the extensions of a chunk are too large");
  }
  return new RequestError(400, "bad-request", "this is no HTTP/1.1 request");
}
