import type { ServerResponse } from "node:http";
import { errorBody, toRequestError } from "./request-error.js";

/**
 * Sends each item as one line of JSON, at the reader's pace. The head is written once the first item is there, so that an error before it is
 * still an answer of its own. A reader that takes nothing for `stalledMs` is cut.
 */
export async function sendStream(response: ServerResponse, items: AsyncIterable<unknown>, stalledMs: number, signal: AbortSignal): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    const beginning = iterator.next();
    // A follower may wait long for its first item: the client is told at once that it is heard, unless the item or its error is there already.
    const first = await Promise.race([beginning, nextTurn()]);
    response.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-store" });
    response.flushHeaders();
    for (let item = first ?? (await beginning); item.done !== true; item = await iterator.next()) {
      if (signal.aborted) return;
      if (!response.write(`${JSON.stringify(item.value)}\n`)) await drained(response, stalledMs, signal);
    }
    response.end();
  } catch (error) {
    if (!response.headersSent) throw error;
    // In the middle of a stream the only answer left is a last line that says so.
    response.end(errorBody(toRequestError(error)));
  } finally {
    await iterator.return?.();
  }
}

function nextTurn(): Promise<null> {
  return new Promise((resolve) => {
    setImmediate(() => resolve(null));
  });
}

function drained(response: ServerResponse, stalledMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      clearTimeout(limit);
      response.off("drain", settle);
      signal.removeEventListener("abort", settle);
      resolve();
    };
    const limit = setTimeout(() => response.destroy(), stalledMs);
    response.once("drain", settle);
    signal.addEventListener("abort", settle);
  });
}
