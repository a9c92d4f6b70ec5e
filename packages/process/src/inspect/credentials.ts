import type { IdSet } from "../status.js";
import { capabilitiesOf, signalsOf } from "./bit-names.js";
import { mapFact } from "./fact.js";
import type { Fact } from "./fact.js";
import { numberField, numbersField } from "./status-fields.js";
import type { ProcessView } from "./view.js";

/** Who it is (credentials(7)). */
export interface CredentialFacts {
  readonly uids: IdSet;
  readonly gids: IdSet;
  /** Supplementary groups. */
  readonly groups: readonly number[];
  /** No program that it runs can gain rights by set-user-id or file capabilities. */
  readonly noNewPrivileges: boolean;
  readonly seccomp: "none" | "strict" | "filter" | null;
  /** Null: not told (before Linux 4.7). */
  readonly umask: number | null;
}

/** capabilities(7) by name. */
export interface CapabilityFacts {
  readonly inheritable: readonly string[];
  readonly permitted: readonly string[];
  readonly effective: readonly string[];
  readonly bounding: readonly string[];
  readonly ambient: readonly string[];
}

/** Sets of signals by name, of the main thread where the kernel has one for each (pending, blocked). */
export interface SignalFacts {
  /** Pending for the main thread, and for the process as a whole: sent, and not yet delivered. */
  readonly pendingThread: readonly string[];
  readonly pendingProcess: readonly string[];
  readonly blocked: readonly string[];
  readonly ignored: readonly string[];
  readonly caught: readonly string[];
  /** Signals queued for all processes of this user, and how many may be (RLIMIT_SIGPENDING). */
  readonly queued: number | null;
  readonly queueLimit: number | null;
}

const SECCOMP = ["none", "strict", "filter"] as const;

export function readCredentials(view: ProcessView): Fact<CredentialFacts> {
  return mapFact(view.status(), (fields) => {
    const uids = idSet(numbersField(fields, "Uid"));
    const gids = idSet(numbersField(fields, "Gid"));
    if (uids === null || gids === null) return undefined;
    const umask = fields.get("Umask");
    return {
      uids,
      gids,
      groups: numbersField(fields, "Groups"),
      noNewPrivileges: numberField(fields, "NoNewPrivs") === 1,
      seccomp: SECCOMP[numberField(fields, "Seccomp") ?? -1] ?? null,
      umask: umask === undefined ? null : Number.parseInt(umask, 8),
    };
  });
}

function idSet(ids: readonly number[]): IdSet | null {
  const [real, effective, saved, filesystem] = ids;
  return real === undefined ||
    effective === undefined ||
    saved === undefined ||
    filesystem === undefined
    ? null
    : [real, effective, saved, filesystem];
}

export function readCapabilities(view: ProcessView): Fact<CapabilityFacts> {
  return mapFact(view.status(), (fields) => {
    const set = (key: string): readonly string[] => capabilitiesOf(fields.get(key) ?? "");
    return {
      inheritable: set("CapInh"),
      permitted: set("CapPrm"),
      effective: set("CapEff"),
      bounding: set("CapBnd"),
      ambient: set("CapAmb"),
    };
  });
}

export function readSignals(view: ProcessView): Fact<SignalFacts> {
  return mapFact(view.status(), (fields) => {
    const set = (key: string): readonly string[] => signalsOf(fields.get(key) ?? "");
    const [queued, queueLimit] = numbersField(fields, "SigQ");
    return {
      pendingThread: set("SigPnd"),
      pendingProcess: set("ShdPnd"),
      blocked: set("SigBlk"),
      ignored: set("SigIgn"),
      caught: set("SigCgt"),
      queued: queued ?? null,
      queueLimit: queueLimit ?? null,
    };
  });
}
