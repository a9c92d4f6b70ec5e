import { renameSync } from "node:fs";

import { errnoOf } from "./problem.js";
import { rotatedFiles, rotatedName, withoutEnding } from "./rotated-names.js";

const ENOENT = -2;

/** Renames the file to its name and the time of its rotation. Returns 0, or a negative errno: then it is still in place. */
export function rotateFile(path: string, timeMicros: number): number {
  const newest = rotatedFiles(path).at(-1);
  try {
    const name = rotatedName(path, timeMicros, newest === undefined ? null : withoutEnding(newest));
    renameSync(path, name);
  } catch (thrown) {
    const cause = errnoOf(thrown);
    // Somebody else has moved the file away: a new one can be opened.
    return cause === ENOENT ? 0 : cause;
  }
  return 0;
}
