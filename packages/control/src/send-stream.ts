import type { ServerResponse } from "node:http";
import type { ControlLimits } from "./limits.js";

/**
 * Sends each item as one line of JSON, at the reader's pace: while the reader does not read, no further item is taken; one that takes nothing for
 * `stalledMs` is cut. Once `signal` is aborted the iterator is told to return, also while its next item is awaited. Throws what the
 * iterator throws, before the head is sent or after; ends the response in every other case.
 */
export async function sendStream(
  response: ServerResponse,
  items: AsyncIterable<unknown>,
  { stalledMs, firstItemMs }: Pick<ControlLimits, "stalledMs" | "firstItemMs">,
  signal: AbortSignal,
): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  let open = true;
  const leave = (): void => {
    if (open) void finish(iterator);
    open = false;
  };
  signal.addEventListener("abort", leave, { once: true });
  try {
    if (signal.aborted) leave();
    const beginning = iterator.next();
    await settledWithin(beginning, firstItemMs);
    if (!response.destroyed) {
      response.writeHead(200, {
        "content-type": "application/x-ndjson",
        "cache-control": "no-store",
      });
      response.flushHeaders();
    }
    for (let item = await beginning; item.done !== true; item = await iterator.next()) {
      if (response.destroyed) return;
      if (!response.write(`${JSON.stringify(item.value)}\n`)) await drained(response, stalledMs);
    }
    open = false;
    response.socket?.setTimeout(stalledMs);
    response.end();
  } catch (error) {
    if (!signal.aborted) throw error;
    // What an iterator throws because it was told to end is news to nobody.
    if (response.headersSent) response.end();
    else response.destroy();
  } finally {
    signal.removeEventListener("abort", leave);
    leave();
  }
}

async function finish(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // Its reader is gone, so there is nobody to tell.
  }
}

/** Waits until the promise has settled, either way, at most so long; rejects as it does. */
async function settledWithin(promise: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until the reader has taken what was written, or is gone. */
export function drained(response: ServerResponse, stalledMs: number): Promise<void> {
  const { socket } = response;
  return new Promise((resolve) => {
    const settle = (): void => {
      socket?.setTimeout(0);
      response.off("drain", settle);
      response.off("close", settle);
      resolve();
    };
    response.once("drain", settle);
    response.once("close", settle);
    // The socket looks at what the kernel has taken, a part of a large write too, and is destroyed when that does not grow.
    socket?.setTimeout(stalledMs);
    if (response.destroyed) settle();
  });
}
