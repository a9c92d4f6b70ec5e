import { existsSync, renameSync } from "node:fs";

import { errnoOf, type LogKernel } from "./problem.js";

const ENOENT = -2;

/**
 * Moves `path` to `path.1`, that to `path.2` and so on, keeping `maxFiles` files with the one about to be opened; the oldest goes. Files behind
 * a missing number stay where they are. Returns 0, or a negative errno: then `path` itself is still in place.
 */
export function rotateFiles(
  kernel: Pick<LogKernel, "unlink">,
  path: string,
  maxFiles: number,
): number {
  if (maxFiles <= 1) {
    const result = kernel.unlink(path);
    return result === ENOENT ? 0 : result;
  }
  let free = 1;
  while (free < maxFiles - 1 && existsSync(`${path}.${free}`)) free += 1;
  try {
    for (let number = free; number > 1; number -= 1)
      renameSync(`${path}.${number - 1}`, `${path}.${number}`);
    renameSync(path, `${path}.1`);
  } catch (thrown) {
    const cause = errnoOf(thrown);
    // Somebody else has moved the file away: a new one can be opened.
    return cause === ENOENT ? 0 : cause;
  }
  return 0;
}
