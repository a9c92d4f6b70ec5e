import { readFileSync, statSync } from "node:fs";

/** File systems behind which is another machine or another program. */
const remote: RegExp =
  /^(?:nfs\d?|cifs|smb\d?|smbfs|fuse|fuseblk|fuse\..*|9p|ceph|afs|lustre|glusterfs|ocfs2|gfs2|gpfs|beegfs|orangefs|coda|ncpfs|vboxsf|virtiofs)$/;
/** What was read is believed for so long, in milliseconds: many services begin their files at once. */
const believedMs = 1000;
/** Of /dev/null, /dev/full and their like, which never hang. */
const memoryDevices = 1;

let table: readonly (readonly [point: string, type: string])[] = [];
let readAt = Number.NEGATIVE_INFINITY;

/** May a write to this file take any time? So it may be with a FIFO, a terminal, and on a file system of another machine. Asks nothing of such a file system. */
export function mayHang(path: string): boolean {
  if (remote.test(mountTypeOf(path))) return true;
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || stat.isFile() || stat.isDirectory()) return false;
    return !(stat.isCharacterDevice() && stat.rdev >> 8 === memoryDevices);
  } catch {
    // The directory can't be searched: then neither can the file be opened, which is said where it is tried.
    return false;
  }
}

/** By proc_pid_mountinfo(5); empty: nobody knows. */
function mountTypeOf(path: string): string {
  if (performance.now() - readAt > believedMs) {
    table = mounts();
    readAt = performance.now();
  }
  let found: readonly [point: string, type: string] = ["", ""];
  for (const mount of table) {
    const [point] = mount;
    const within = point === "/" || path === point || path.startsWith(`${point}/`);
    // Of several at one place the last one hides the others.
    if (within && point.length >= found[0].length) found = mount;
  }
  return found[1];
}

function mounts(): (readonly [string, string])[] {
  let text = "";
  try {
    text = readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    // Without /proc every file is taken for one that does not hang.
  }
  return text.split("\n").flatMap((line) => {
    const found = /^\S+ \S+ \S+ \S+ (\S+) .*? - (\S+) /u.exec(line);
    const [, point = "", type = ""] = found ?? [];
    return found === null ? [] : [[unescaped(point), type] as const];
  });
}

/** A space stands there as \040. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/gu, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
