import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { atEnd } from "./cleanup.js";
import type { TestScope } from "./cleanup.js";
import { temporaryDirectory } from "./temporary-directory.js";

/** A file system of its own. While it is frozen (fsfreeze(8)), whoever writes to it sleeps uninterruptibly: no signal reaches it. */
export interface FreezableFileSystem {
  readonly directory: string;
  freeze(): void;
  thaw(): void;
}

const SIZE = "4M";

/** Why a program could not do its work; null: it could. */
function failure(program: string, ...args: readonly string[]): string | null {
  const { error, status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (error) return error.message;
  return status === 0 ? null : `${program}: ${stderr.trim() || `exit code ${status}`}`;
}

function must(program: string, ...args: readonly string[]): void {
  const why = failure(program, ...args);
  if (why !== null) throw new Error(why);
}

/** Makes and mounts one; null, with the reason in a skip of the test, where that is not possible. It is thawed and gone when the test ends. */
export function freezableFileSystem(
  t: TestScope & { skip(message: string): void },
): FreezableFileSystem | null {
  const base = temporaryDirectory(t);
  const image = join(base, "image");
  const directory = join(base, "mounted");
  mkdirSync(directory);
  const why =
    failure("truncate", "--size", SIZE, image) ??
    failure("mkfs.ext4", "-q", image) ??
    failure("mount", "-o", "loop", image, directory);
  if (why !== null) {
    t.skip(`no file system can be mounted: ${why}`);
    return null;
  }
  let frozen = false;
  const thaw = (): void => {
    if (frozen) must("fsfreeze", "--unfreeze", directory);
    frozen = false;
  };
  atEnd(t, () => {
    thaw();
    must("umount", directory);
    rmSync(image);
  });
  return {
    directory,
    freeze() {
      must("fsfreeze", "--freeze", directory);
      frozen = true;
    },
    thaw,
  };
}
