import { renameSync } from "node:fs";

import { errnoOf, type LogKernel } from "./problem.js";

const ENOENT = -2;

/**
 * Moves `path` to `path.1`, that to `path.2` and so on, keeping `maxFiles` files with the one about to be opened. The oldest goes.
 * Returns 0, or a negative errno: then `path` itself is still in place.
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
  for (let number = maxFiles - 1; number >= 1; number -= 1) {
    const from = number === 1 ? path : `${path}.${number - 1}`;
    try {
      renameSync(from, `${path}.${number}`);
    } catch (thrown) {
      const cause = errnoOf(thrown);
      if (cause !== ENOENT) return cause;
    }
  }
  return 0;
}
