/**
 * So long the same request to end may come again by another way, in milliseconds: who presses Ctrl-C under npm sends SIGINT to all, and npm passes its own on; timeout(1)
 * signals its child and then its process group. Nobody presses a key twice in that time.
 */
const SAME_REQUEST_MS = 100;

/** Tells the first request to end from a second one, which means "at once", and from the first one that comes again: null. `atMs` is when it came. */
export function createEndRequests(): (atMs: number) => "in order" | "at once" | null {
  let firstMs: number | null = null;
  return (atMs) => {
    if (firstMs === null) {
      firstMs = atMs;
      return "in order";
    }
    return atMs - firstMs < SAME_REQUEST_MS ? null : "at once";
  };
}
