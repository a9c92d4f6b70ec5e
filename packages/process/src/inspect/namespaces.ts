import { known, mapFact, unknown } from "./fact.js";
import type { Fact } from "./fact.js";
import { inodeOf } from "./inode.js";
import type { ProcessView } from "./view.js";

/** One namespace that the process is in (namespaces(7)). */
export interface NamespaceFacts {
  /** "net", "pid", "mnt" ... */
  readonly name: string;
  /** Its number, as in "net:[4026531833]". */
  readonly inode: number;
  /** It is ours too. */
  readonly shared: boolean;
}

/** The kernel's own order of /proc/PID/ns. What it lacks is left out. */
const NAMES = ["cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time", "user", "uts"];

/** Needs the right to trace the process. */
export function readNamespaces(view: ProcessView): Fact<readonly NamespaceFacts[]> {
  const found: NamespaceFacts[] = [];
  let refusal: Fact<never> = unknown("unsupported");
  for (const name of NAMES) {
    const namespace = readNamespace(view, name);
    if (namespace.known) found.push(namespace.value);
    else if (namespace.why !== "unsupported") refusal = namespace;
  }
  return found.length > 0 ? known(found) : refusal;
}

function readNamespace(view: ProcessView, name: string): Fact<NamespaceFacts> {
  return mapFact(view.link(`ns/${name}`), (target) => {
    const inode = inodeOf(target);
    return inode === null
      ? undefined
      : { name, inode, shared: inode === view.look.ownNamespace(name) };
  });
}
