import { DEFAULT_DEADLINE_MS, missed } from "./deadline.js";
import type { DeadlineOptions } from "./deadline.js";

type Truthy<T> = T extends false | 0 | "" | null | undefined ? never : T;

export interface UntilOptions<T> extends DeadlineOptions {
  /** Is what was seen the awaited thing? Default: it is truthy. */
  readonly is?: (seen: T) => boolean;
}

/**
 * Looks again and again until the thing is there, and resolves with it; for what only a look can tell (/proc, say). Where something
 * announces itself (a line, an exit, an event), wait for that instead. A look that throws has not seen it yet; at the deadline the error
 * shows the last thing seen.
 */
export async function until<T>(
  look: () => T | Promise<T>,
  options: UntilOptions<T> & { readonly is: (seen: T) => boolean },
): Promise<T>;
export async function until<T>(
  look: () => T | Promise<T>,
  options: UntilOptions<T>,
): Promise<Truthy<T>>;
export async function until<T>(look: () => T | Promise<T>, options: UntilOptions<T>): Promise<T> {
  const end = performance.now() + (options.deadlineMs ?? DEFAULT_DEADLINE_MS);
  const is = options.is ?? Boolean;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 20)) {
    let last: unknown;
    try {
      const seen = await look();
      if (is(seen)) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= end) throw await missed(options, last);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
