import { accessSync, constants, lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { makeDirectories } from "@supervise/sys";
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

/** Where a project's runtime directory may be, in order, the private folder last. None is made. */
export function runtimeDirectories(
  request: Pick<RuntimeRequest, "project" | "uid" | "env" | "runRoot">,
): readonly string[] {
  const { XDG_RUNTIME_DIR, TMPDIR } = request.env;
  const bases: string[] = [];
  if (request.uid === 0) bases.push(join(request.runRoot ?? "/run", "supervise"));
  if (XDG_RUNTIME_DIR?.startsWith("/") === true) bases.push(join(XDG_RUNTIME_DIR, "supervise"));
  const temporary = TMPDIR?.startsWith("/") === true ? TMPDIR : tmpdir();
  bases.push(join(temporary, `supervise-${request.uid}`));
  return bases.map((base) => join(base, request.project));
}

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
  const places = runtimeDirectories(request);
  // Anybody may have made the last one's name before us.
  const path = places.at(-1) ?? "";
  for (const place of places.slice(0, -1))
    if (prepare(place) === null) return { kind: "directory", path: place };
  const folder = dirname(path);
  return preparePrivate(folder, request.uid) && preparePrivate(path, request.uid)
    ? { kind: "directory", path }
    : { kind: "none" };
}

function prepare(path: string): { readonly errno: string; readonly why: string } | null {
  try {
    makeDirectories(path, 0o755);
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
