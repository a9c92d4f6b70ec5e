import type { Kernel, UserEntry } from "@supervise/sys";

/** As whom a service runs. A null keeps what the supervisor has. */
export interface Credentials {
  readonly uid: number | null;
  readonly gid: number | null;
  /** Supplementary groups, exactly these. */
  readonly groups: readonly number[] | null;
  /** For HOME, USER, LOGNAME and SHELL; null where `user` is not given. */
  readonly entry: UserEntry | null;
}

export type CredentialsProblem =
  | { readonly unknownUser: string }
  | { readonly unknownGroup: string };

/** Who we are: real ids do not matter, effective ones do. */
export interface OwnIds {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

type Accounts = Pick<Kernel, "lookupUser" | "lookupGroup" | "groupsOf">;

/**
 * `user` is a name or a number with an optional ":group". As in Compose, a group that is named stands alone, and without one all groups of
 * the user come along; `groupAdd` comes in any case. A number that no account has is allowed, and then stands for the group too: never group 0.
 * Ids that we have already are not asked for, so that a plain user's supervisor may name its own user.
 */
export function resolveCredentials(
  kernel: Accounts,
  user: string | null,
  groupAdd: readonly string[],
  own: OwnIds,
): Credentials | CredentialsProblem {
  const added: number[] = [];
  for (const name of groupAdd) {
    const gid = groupId(kernel, name);
    if (gid === null) return { unknownGroup: name };
    added.push(gid);
  }
  if (user === null) {
    return {
      uid: null,
      gid: null,
      groups: differing([...own.groups, ...added], own.groups),
      entry: null,
    };
  }

  const colon = user.indexOf(":");
  const userName = colon < 0 ? user : user.slice(0, colon);
  const groupName = colon < 0 ? null : user.slice(colon + 1);
  const entry = lookUpUser(kernel, userName);
  if (entry === null) return { unknownUser: userName };
  const gid = groupName === null ? entry.gid : groupId(kernel, groupName);
  if (gid === null) return { unknownGroup: groupName ?? "" };

  const same = entry.uid === own.uid && gid === own.gid;
  // Without privilege our groups cannot be changed, and for our own user there is no need to.
  if (same && own.uid !== 0 && added.length === 0)
    return { uid: null, gid: null, groups: null, entry };
  const ofUser = groupName === null ? kernel.groupsOf(entry.name, gid) : [gid];
  return {
    uid: entry.uid === own.uid ? null : entry.uid,
    gid: gid === own.gid ? null : gid,
    groups: differing([...ofUser, ...added], own.groups),
    entry,
  };
}

function lookUpUser(kernel: Accounts, name: string): UserEntry | null {
  const number = numberOf(name);
  const entry = kernel.lookupUser(number ?? name);
  if (entry !== null || number === null) return entry;
  return { name, uid: number, gid: number, home: "/", shell: "/bin/sh" };
}

function groupId(kernel: Accounts, name: string): number | null {
  return numberOf(name) ?? kernel.lookupGroup(name)?.gid ?? null;
}

/** 2^32 - 1 is no id: setuid(2) and setgid(2) read it as -1. */
function numberOf(text: string): number | null {
  return /^\d{1,10}$/.test(text) && Number(text) < 0xffffffff ? Number(text) : null;
}

function differing(wanted: readonly number[], own: readonly number[]): readonly number[] | null {
  const groups = [...new Set(wanted)].toSorted((a, b) => a - b);
  const present = [...new Set(own)].toSorted((a, b) => a - b);
  return groups.length === present.length &&
    groups.every((group, index) => group === present[index])
    ? null
    : groups;
}
