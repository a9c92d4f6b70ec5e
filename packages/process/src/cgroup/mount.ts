import type { Proc } from "../proc.js";

/** Where cgroup v2 is mounted. */
export interface CgroupMount {
  readonly mountPoint: string;
  /** The directory of the hierarchy that is seen there, "/" unless a container hides what is above it. */
  readonly root: string;
}

/** The mount of cgroup v2, alone or (hybrid, /sys/fs/cgroup/unified) beside v1. Null: none. */
export function findCgroupMount(proc: Proc): CgroupMount | null {
  return parseMountInfo(proc.text("self/mountinfo") ?? "");
}

/** proc_pid_mountinfo(5): the kind of file system stands after the "-" that ends the optional fields. */
export function parseMountInfo(text: string): CgroupMount | null {
  for (const line of text.split("\n")) {
    const [before, after] = line.split(" - ");
    if (before === undefined || after === undefined || !after.startsWith("cgroup2 ")) continue;
    const fields = before.split(" ");
    if (fields[3] !== undefined && fields[4] !== undefined)
      return { root: unescape(fields[3]), mountPoint: unescape(fields[4]) };
  }
  return null;
}

/** Our own cgroup in the v2 hierarchy, from the line "0::PATH". Null: none, or outside of what our namespace shows. */
export function ownCgroup(proc: Proc): string | null {
  const path = /^0::(\/.*)$/m.exec(proc.text("self/cgroup") ?? "")?.[1];
  return path === undefined || path.startsWith("/../") || path === "/.." ? null : path;
}

/** The directory of a cgroup below a mount; null: not to be seen there. */
export function directoryOf(mount: CgroupMount, cgroup: string): string | null {
  if (mount.root === "/" || mount.root.startsWith("/..")) return join(mount.mountPoint, cgroup);
  if (cgroup === mount.root) return mount.mountPoint;
  return cgroup.startsWith(`${mount.root}/`)
    ? join(mount.mountPoint, cgroup.slice(mount.root.length))
    : null;
}

function join(directory: string, path: string): string {
  return path === "/" ? directory : `${directory}${path}`;
}

/** Blanks, tabs, newlines and backslashes are written as octal escapes. */
function unescape(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
