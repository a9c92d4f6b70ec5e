import { accessSync, constants, existsSync, readFileSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeDirectories } from "@supervise/sys";
import type { Kernel } from "@supervise/sys";
import { errnoNameOf, errnoOf } from "../errno-text.js";
import type { Proc } from "../proc.js";
import { isPopulated, killCgroup, readCgroupProcs, visit } from "./cgroup-files.js";
import { directoryOf, findCgroupMount, ownCgroup } from "./mount.js";

/** The cgroup of one service. Owned by whoever made it: close it, and remove it once it is empty. */
export interface ServiceCgroup {
  readonly path: string;
  /** Open directory, for CLONE_INTO_CGROUP. */
  readonly fd: number;
  procs(): readonly number[];
  populated(): boolean;
  /** False: this kernel cannot (before 5.14), or it is gone. */
  kill(): boolean;
  /** Removes it with all that the service made below it, and closes `fd`. False: processes are left, and it stays open. */
  remove(): boolean;
  close(): void;
}

export type CgroupRefusal =
  /** Processes of an earlier supervisor are in it. */
  | { readonly kind: "occupied"; readonly path: string; readonly pids: readonly number[] }
  | { readonly kind: "failed"; readonly path: string; readonly errno: string };

export interface CgroupManager {
  /** Directory that holds the project's cgroups. */
  readonly path: string;
  create(service: string): ServiceCgroup | CgroupRefusal;
  /** Where a service's cgroup is or would be. */
  pathOf(service: string): string;
  /** Removes the project's directory if nothing is left in it. */
  remove(): boolean;
}

export interface CgroupOptions {
  /** The subtree was given to us by whoever owns the hierarchy (`Delegate=yes`), told by the operator. */
  readonly delegated?: boolean;
  /** Present on a machine that systemd manages. */
  readonly systemdMark?: string;
}

/**
 * Cgroups below our own, or null where there is no cgroup v2, where ours is not writable, or where it is not ours to divide. The last is
 * so under systemd unless the subtree was delegated: it owns the hierarchy, and root may write to all of it. A delegated one belongs to the
 * user of the unit, which tells it apart for everybody but root. No controllers are turned on, so that ours may hold processes besides
 * (the rule of no inner processes concerns controllers only, cgroups(7)).
 */
export function openCgroups(
  kernel: Pick<Kernel, "open" | "close">,
  proc: Proc,
  project: string,
  options: CgroupOptions = {},
): CgroupManager | null {
  const mount = findCgroupMount(proc);
  const cgroup = ownCgroup(proc);
  const own = mount === null || cgroup === null ? null : directoryOf(mount, cgroup);
  if (own === null || cgroup === null || !isWritable(own)) return null;
  if (!isOurs(own, cgroup, proc, options)) return null;

  const path = join(own, `supervise-${escapeName(project)}`);
  const pathOf = (service: string): string => join(path, escapeName(service));
  return {
    path,
    pathOf,
    create: (service) => createCgroup(kernel, pathOf(service)),
    remove: () => removeAll(path),
  };
}

function createCgroup(
  kernel: Pick<Kernel, "open" | "close">,
  path: string,
): ServiceCgroup | CgroupRefusal {
  try {
    makeDirectories(path, 0o755);
  } catch (error) {
    return { kind: "failed", path, errno: errnoOf(error) };
  }
  // It may be there from a supervisor that died: an empty one is as good as new.
  if (isPopulated(path)) return { kind: "occupied", path, pids: readCgroupProcs(path) };
  const fd = kernel.open(path, constants.O_RDONLY | constants.O_DIRECTORY, 0);
  if (fd < 0) return { kind: "failed", path, errno: errnoNameOf(fd) };

  let open = true;
  const close = (): void => {
    if (open) kernel.close(fd);
    open = false;
  };
  return {
    path,
    fd,
    procs: () => readCgroupProcs(path),
    populated: () => isPopulated(path),
    kill: () => killCgroup(path),
    remove: () => {
      if (!removeAll(path)) return false;
      close();
      return true;
    },
    close,
  };
}

/** True: it is gone, or was. A cgroup with processes or zombies in it cannot be removed (EBUSY). */
function removeAll(path: string): boolean {
  try {
    visit(path, (directory) => rmdirSync(directory));
    return true;
  } catch (error) {
    return errnoOf(error) === "ENOENT";
  }
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    // Moving a process below needs this of the common ancestor, which is our own cgroup.
    accessSync(join(directory, "cgroup.procs"), constants.W_OK);
    const type = join(directory, "cgroup.type");
    return !existsSync(type) || readFileSync(type, "latin1").trim() === "domain";
  } catch {
    // Whatever hinders us: it is not ours to use.
    return false;
  }
}

function isOurs(directory: string, cgroup: string, proc: Proc, options: CgroupOptions): boolean {
  if (options.delegated === true || proc.self === 1) return true;
  if (!existsSync(options.systemdMark ?? "/run/systemd/system")) return true;
  const uid = process.geteuid?.() ?? 0;
  // Everything below user@UID.service is delegated to that user, root included.
  return uid === 0 ? cgroup.includes("/user@0.service/") : statSync(directory).uid === uid;
}

/** A name that cannot be mistaken for one of the kernel's own files, which all have a dot in them. */
export function escapeName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""),
  );
}
