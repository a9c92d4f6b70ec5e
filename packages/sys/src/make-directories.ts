import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a directory and the missing ones above it. Throws as mkdirSync does. Not its `recursive`: Node 20 tries for ever where the kernel says ENOENT
 * although the parent is there, as /proc and /sys do.
 */
export function makeDirectories(path: string, mode: number): void {
  const isDirectory = (): boolean =>
    statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isDirectory()) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectories(parent, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !isDirectory()) throw error;
  }
}
