import { readStatus } from "@supervise/process";
import type { PeerCredentials } from "@supervise/sys";
import type { LiveRun } from "../live-run.js";
import type { SyslogRoom, SyslogTrees } from "./syslog-room.js";
import { createWaitingParents } from "./waiting-parents.js";

/** Whose a message is. */
export interface Sender {
  readonly name: string;
  readonly run: number;
}

/** Finds the services of those who send messages, by what the kernel says of them. */
export interface Senders {
  /** `tag` is what the message itself says. Null: nobody's that is known. */
  of(credentials: PeerCredentials | null, tag: string | null): Sender | null;
  /** What was looked up holds until then: to be called before each turn's messages. */
  forgetTurn(): void;
}

/** So many are remembered after their end, and so long, in milliseconds: a number that is given out anew must not be taken for the old one. */
const rememberedMost = 1_024;
const rememberedMs = 60_000;
/** A main process seldom becomes another user's: it is asked so often, in milliseconds. */
const userHoldsMs = 5_000;
/** With more services of one user a look at all their processes would hold up everything else. */
const mostLookedAt = 64;

/**
 * A living sender, or one that nobody has waited for yet, is known by its tree. One that is gone is known if it has sent before. Else it was one of those that
 * say a word and end, as logger(1) does: of a service that runs as its user, and if there are several, of one that has waited for a child just now; if
 * there are several still, of the one that the message names as its tag. That is a guess, but never beyond the user's own services.
 */
export function createSenders(room: SyslogRoom, trees: SyslogTrees): Senders {
  const waiting = createWaitingParents(room.proc);
  const turn = new Map<number, Sender | null>();
  const guesses = new Map<number, readonly LiveRun[]>();
  const remembered = new Map<number, { readonly sender: Sender; readonly atMs: number }>();

  const users = new WeakMap<
    LiveRun,
    { readonly pid: number; readonly uid: number | null; readonly untilMs: number }
  >();

  const remember = (pid: number, sender: Sender): void => {
    remembered.delete(pid);
    remembered.set(pid, { sender, atMs: room.monotonicMs() });
    if (remembered.size <= rememberedMost) return;
    for (const oldest of remembered.keys()) {
      remembered.delete(oldest);
      return;
    }
  };

  const known = (pid: number): Sender | "gone" | null => {
    const found = turn.get(pid);
    if (found !== undefined) return found;
    const owner = trees.ownerOf(pid);
    if (owner === "gone") {
      const before = remembered.get(pid);
      const fresh = before !== undefined && room.monotonicMs() - before.atMs < rememberedMs;
      return fresh ? before.sender : "gone";
    }
    const sender = owner === null ? null : senderOf(owner);
    turn.set(pid, sender);
    if (sender !== null) remember(pid, sender);
    return sender;
  };

  /** The effective user of its main process; null: it has ended. */
  const userOf = (run: LiveRun): number | null => {
    const nowMs = room.monotonicMs();
    const before = users.get(run);
    if (before !== undefined && before.pid === run.mainPid && nowMs < before.untilMs)
      return before.uid;
    const uid = readStatus(room.proc, run.mainPid)?.uids[1] ?? null;
    users.set(run, { pid: run.mainPid, uid, untilMs: nowMs + userHoldsMs });
    return uid;
  };

  /** Services that a process of this user, gone by now, may have been of. */
  const candidates = (uid: number): readonly LiveRun[] => {
    const before = guesses.get(uid);
    if (before !== undefined) return before;
    const ofUser = [...room.live.all()].filter((run) => userOf(run) === uid);
    const many = ofUser.length > 1 && ofUser.length <= mostLookedAt;
    const waited = many ? waiting.among(ofUser) : ofUser;
    const found = waited.length === 0 ? ofUser : waited;
    guesses.set(uid, found);
    return found;
  };

  const guess = (uid: number, tag: string | null): Sender | null => {
    const runs = candidates(uid);
    const named = runs.length === 1 ? runs : runs.filter(({ spec }) => spec.service === tag);
    return named.length === 1 && named[0] !== undefined ? senderOf(named[0]) : null;
  };

  return {
    of: (credentials, tag) => {
      if (credentials === null || credentials.pid <= 0) return null;
      const sender = known(credentials.pid);
      return sender === "gone" ? guess(credentials.uid, tag) : sender;
    },
    forgetTurn: () => {
      turn.clear();
      guesses.clear();
    },
  };
}

function senderOf({ name, run }: LiveRun): Sender {
  return { name, run };
}
