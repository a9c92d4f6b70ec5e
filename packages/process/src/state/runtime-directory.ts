import { accessSync, constants, lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errnoOf } from "../errno-text.js";

export interface RuntimeRequest {
  readonly project: string;
  /** --runtime-dir, absolute; null: not given. */
  readonly requested: string | null;
  /** Our effective user. */
  readonly uid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For tests: where root's directories are. */
  readonly runRoot?: string;
}

export type RuntimeDirectory =
  | { readonly kind: "directory"; readonly path: string }
  /** Nothing can be written anywhere: not an error, it goes on without files. */
  | { readonly kind: "none" }
  /** The one that was asked for cannot be used. */
  | {
      readonly kind: "refused";
      readonly path: string;
      readonly errno: string;
      readonly why: string;
    };

/**
 * Makes and returns the first directory that can be written: the requested one (or none other), /run/supervise/NAME for root,
 * $XDG_RUNTIME_DIR/supervise/NAME, and a private folder below the temporary directory.
 */
export function runtimeDirectory(request: RuntimeRequest): RuntimeDirectory {
  if (request.requested !== null) {
    const problem = prepare(request.requested);
    return problem === null
      ? { kind: "directory", path: request.requested }
      : { kind: "refused", path: request.requested, ...problem };
  }
  const { XDG_RUNTIME_DIR, TMPDIR } = request.env;
  const places: string[] = [];
  if (request.uid === 0) places.push(join(request.runRoot ?? "/run", "supervise", request.project));
  if (XDG_RUNTIME_DIR?.startsWith("/") === true)
    places.push(join(XDG_RUNTIME_DIR, "supervise", request.project));
  for (const path of places) if (prepare(path) === null) return { kind: "directory", path };

  // Anybody may have made this name before us.
  const folder = join(
    TMPDIR?.startsWith("/") === true ? TMPDIR : tmpdir(),
    `supervise-${request.uid}`,
  );
  const path = join(folder, request.project);
  return preparePrivate(folder, request.uid) && preparePrivate(path, request.uid)
    ? { kind: "directory", path }
    : { kind: "none" };
}

function prepare(path: string): { readonly errno: string; readonly why: string } | null {
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
  } catch (error) {
    return { errno: errnoOf(error), why: "it cannot be made" };
  }
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return { errno: errnoOf(error), why: "it cannot be written to" };
  }
}

/** Made or found as a directory of ours that nobody else may enter. */
function preparePrivate(path: string, uid: number): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") return false;
  }
  try {
    const stat = lstatSync(path);
    if (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o777) !== 0o700) return false;
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    // Gone again, or a read-only file system: no place for us.
    return false;
  }
}
