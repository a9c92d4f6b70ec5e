/**
 * So long the same signal may come again by another way, in milliseconds: who presses Ctrl-C under npm sends SIGINT to all, and npm passes its own on; timeout(1)
 * signals its child and then its process group. Nobody presses a key twice in that time.
 */
const SAME_REQUEST_MS = 100;

/** Tells the first request to end from a second one, which means "at once", and from the first one that comes again: null. `atMs` is when it came. */
export function createEndRequests(): (
  signal: string,
  atMs: number,
) => "in order" | "at once" | null {
  let first: { readonly signal: string; readonly atMs: number } | null = null;
  return (signal, atMs) => {
    if (first === null) {
      first = { signal, atMs };
      return "in order";
    }
    return signal === first.signal && atMs - first.atMs < SAME_REQUEST_MS ? null : "at once";
  };
}
