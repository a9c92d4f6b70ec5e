import type { Socket } from "node:net";
import { socketDescriptor } from "@supervise/daemon";
import type { Clock } from "./clock.js";
import { createRequestReader } from "./http/request-reader.js";
import type { Read } from "./http/request-reader.js";
import type { Refusal, Request } from "./http/request.js";
import { CONTINUE, formatResponse, refusalResponse } from "./http/response.js";
import type { Response } from "./http/response.js";
import { formatMs } from "./log.js";

/** A client that sends nothing after so many waits of this length is closed. */
export const SILENT_WAITS = 2;
export const SILENT_WAIT_MS = 5_000;
/** How long a client may take to close its side once we have closed ours: what it still sends must not answer our last words with a reset. */
const LINGER_MS = 1_000;

export interface ConnectionWorld {
  readonly clock: Clock;
  readonly row: (text: string) => void;
  readonly answer: (request: Request) => Response;
  /** No request is to begin any more. */
  readonly isEnding: () => boolean;
}

export interface Connection {
  readonly fd: number;
  readonly peer: string;
  /** When a byte was last read or taken by the client, as `nowMs` of the clock. */
  readonly activeMs: number;
  /** When the request began that is not whole yet; null: there is none. */
  readonly requestSinceMs: number | null;
  /** Is a request half read, or an answer not yet taken? */
  readonly busy: boolean;
  readonly requests: number;
  /** Closes at once. `why` is the rest of a row that begins with "closed". */
  close(why: string): void;
  /** The request took too long: the client is told, and closed. */
  refuse(refusal: Refusal, why: string): void;
}

/**
 * Serves one client until either side closes, and then calls `onClosed` once. Requests are answered in their order; a client that has closed its side is still answered.
 */
export function serveConnection(
  socket: Socket,
  world: ConnectionWorld,
  onClosed: (connection: Connection) => void,
): Connection {
  const { clock, row, answer, isEnding } = world;
  const fd = socketDescriptor(socket) ?? -1;
  const peer = peerOf(socket);
  const openedMs = clock.nowMs();
  const reader = createRequestReader();
  let activeMs = openedMs;
  let requestSinceMs: number | null = null;
  let requests = 0;
  let why = "by the client";
  let disarm = waitForBytes(1);

  /** One 5 s wait after the other, so that the log tells of the first before anything is done. */
  function waitForBytes(wait: number): () => void {
    return clock.after(SILENT_WAIT_MS, () => {
      const all = `within ${(wait * SILENT_WAIT_MS) / 1000} s`;
      if (wait >= SILENT_WAITS) {
        close(`for it sent nothing ${all}`);
        return;
      }
      row(`connection ${fd} from ${peer} sent nothing ${all}: waiting once more`);
      disarm = waitForBytes(wait + 1);
    });
  }

  function close(reason: string): void {
    why = reason;
    socket.destroy();
  }

  /** Our side first; then the client's, or the linger's end. */
  function finish(reason: string): void {
    if (socket.writableEnded) return;
    why = reason;
    socket.end();
    disarm();
    disarm = clock.after(LINGER_MS, () => socket.destroy());
  }

  function send(response: Response, to: Pick<Request, "method" | "keepAlive">): void {
    const keepAlive = to.keepAlive && !isEnding();
    const date = new Date(clock.realtimeMicros() / 1000);
    const took = (): void => void (activeMs = clock.nowMs());
    // A client that does not read its answers is not read either.
    if (!socket.write(formatResponse(response, { ...to, keepAlive, date }), took)) socket.pause();
    if (!keepAlive) finish(isEnding() ? "after its last answer" : "as asked");
  }

  function deal(read: Read): void {
    // Nothing is answered behind an answer that was the last.
    if (socket.writableEnded) return;
    switch (read.kind) {
      case "continue":
        socket.write(CONTINUE);
        return;
      case "refusal":
        refuse(read.refusal, `for a bad request: ${read.refusal.why}`);
        return;
      case "request":
        requests += 1;
        send(answer(read.request), read.request);
    }
  }

  function refuse(refusal: Refusal, reason: string): void {
    send(refusalResponse(refusal), { method: "GET", keepAlive: false });
    why = reason;
  }

  const connection: Connection = {
    fd,
    peer,
    get activeMs() {
      return activeMs;
    },
    get requestSinceMs() {
      return requestSinceMs;
    },
    get busy() {
      return (reader.midway || socket.writableLength > 0) && !socket.writableFinished;
    },
    get requests() {
      return requests;
    },
    close,
    refuse,
  };

  socket.setNoDelay(true);
  socket.on("data", (bytes: Buffer) => {
    activeMs = clock.nowMs();
    if (socket.writableEnded) return;
    disarm();
    for (const read of reader.push(bytes)) deal(read);
    requestSinceMs = reader.midway ? (requestSinceMs ?? activeMs) : null;
  });
  socket.on("drain", () => socket.resume());
  socket.on("end", () => socket.end());
  socket.on("error", (error) => (why = `after an error: ${error.message}`));
  socket.on("close", () => {
    disarm();
    const took = formatMs(clock.nowMs() - openedMs);
    row(`closed connection ${fd} from ${peer} ${why}, ${requests} requests, ${took}`);
    onClosed(connection);
  });
  row(`accepted connection ${fd} from ${peer}`);
  return connection;
}

/** "127.0.0.1:4000", "[::1]:4000"; a client of a Unix socket has no name of its own. */
function peerOf({ remoteAddress, remotePort, remoteFamily }: Socket): string {
  if (remoteAddress === undefined) return "a local client";
  return `${remoteFamily === "IPv6" ? `[${remoteAddress}]` : remoteAddress}:${remotePort}`;
}
