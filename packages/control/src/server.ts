import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server, Socket } from "node:net";
import { answerRequest, type Expectation } from "./answer-request.js";
import { Connection } from "./connection.js";
import { DEFAULT_LIMITS, type ControlLimits } from "./limits.js";
import { callerOf, type Peer } from "./peer.js";
import { RequestError } from "./request-error.js";
import { listenOn, listenOnInherited, removeOwn } from "./socket-file.js";
import type { ControlTarget } from "./target.js";

export interface ControlOptions {
  /** Path of the socket; its directory must exist. */
  readonly path: string;
  /** Peer credentials of a connected descriptor (unix(7), SO_PEERCRED); null: the kernel does not tell. */
  readonly peer: (fd: number) => Peer | null;
  /** Besides root only this user may ask. */
  readonly ownUid: number;
  readonly onWarning: (message: string) => void;
  /** A socket that listens at `path` already, from whoever served it before; the server's from here on. Null: a new one is made. */
  readonly inherited?: number | null;
  /** Told once it listens: whose descriptor is to outlive this process is to be had from it. */
  readonly onListening?: (server: Server) => void;
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

/** Then they are told to end, and cut after so many milliseconds more. */
const CUT_MS = 100;

/** Connections beyond the limit that are told so; others are closed without a word. */
const TOLD = 64;

/**
 * Serves `target` on a Unix socket: HTTP/1.1 with JSON. Rejects where the socket can't be made: `SocketInUseError` where another server answers
 * there. Nothing that a client does harms the target.
 */
export async function serveControl(
  target: ControlTarget,
  options: ControlOptions,
): Promise<ControlServer> {
  const { createServer } = await import("node:http");
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { onWarning } = options;
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
          { target, limits, onWarning },
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
    try {
      connection.caller = callerOf(socket, options.peer, options.ownUid);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      onWarning(`Cannot tell who connects to control socket "${options.path}": ${why}`);
    }
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

  const file =
    (await listenOnInherited(server, options.path, options.inherited ?? null)) ??
    (await listenOn(server, options.path));
  options.onListening?.(server);
  server.on("error", (error) => onWarning(`Control socket "${options.path}": ${error.message}`));
  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    removeOwn(options.path, file);
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
  return { path: options.path, close: () => (closed ??= close()) };
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
