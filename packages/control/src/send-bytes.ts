import type { ServerResponse } from "node:http";
import type { BytesAnswer } from "./routes.js";
import { drained } from "./send-stream.js";

/**
 * Sends bytes as they come, at the reader's pace, and the trailers behind them. Whoever makes the bytes hears of a reader that goes away by the signal of the
 * request; one that takes nothing for `stalledMs` is cut.
 */
export async function sendBytes(
  response: ServerResponse,
  { items, headers, trailers }: BytesAnswer,
  stalledMs: number,
): Promise<void> {
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    "cache-control": "no-store",
    // The request may have no end yet.
    connection: "close",
    trailer: Object.keys(trailers()).join(", "),
    ...headers,
  });
  response.flushHeaders();
  for await (const bytes of items) {
    if (response.destroyed) return;
    if (!response.write(bytes)) await drained(response, stalledMs);
  }
  response.addTrailers(trailers());
  response.socket?.setTimeout(stalledMs);
  response.end();
}
