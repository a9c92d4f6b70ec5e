// @ts-check
import { setTimeout as delay } from "node:timers/promises";

const limitMs = 60_000;

/**
 * Looks until it is so; a look that throws says that it is not. Throws after a minute.
 *
 * @param {() => Promise<boolean>} is
 */
export async function until(is) {
  const end = performance.now() + limitMs;
  while (performance.now() < end) {
    if (await is().catch(() => false)) return;
    await delay(100);
  }
  throw new Error(`what is measured did not come within ${limitMs / 1_000} s`);
}
