import { printable, readCommandLine } from "../command-line.js";
import { bootId, pidNamespace } from "../identity.js";
import type { ProcessIdentity } from "../identity.js";
import type { Proc } from "../proc.js";
import { isLive, readStat } from "../stat.js";
import type { ProcessStat } from "../stat.js";
import { readStatus } from "../status.js";
import { markPidfile, readPidfile } from "./pidfile.js";
import type { PidfileMark } from "./pidfile.js";

/** What a pidfile is worth. Only a valid one is believed. Each `why` and `evidence` is the rest of a sentence. */
export type PidfileVerdict =
  /** `missing`: its directory, where that is not there either. */
  | { readonly kind: "absent"; readonly missing?: string }
  | { readonly kind: "valid"; readonly pid: number; readonly identity: ProcessIdentity }
  /** No such process, or it has ended. */
  | { readonly kind: "stale"; readonly pid: number; readonly why: string }
  /** Another process has the number now. */
  | { readonly kind: "reused"; readonly pid: number; readonly evidence: string }
  /** A live process that is not of our tree (or a file that cannot be trusted: then `pid` is null). */
  | { readonly kind: "foreign"; readonly pid: number | null; readonly evidence: string }
  /** `found` is printable and at most 40 characters. */
  | { readonly kind: "malformed"; readonly found: string }
  /** Still being written: look again soon. */
  | { readonly kind: "racing" };

export interface PidfileQuestion {
  /** Is this live process of our tree? Absent: any live process will do. */
  readonly expectTree?: (pid: number) => boolean;
  /** Who was proved to be behind this file earlier. */
  readonly record?: ProcessIdentity | null;
  /** Absolute path of the executable that it must run. */
  readonly executable?: string;
  /** The file as it was before the process can have been there ({@link markPidfile}): not written since, it means another one. */
  readonly leftBefore?: PidfileMark | null;
  /** User ids that may own the file besides root's and our own. */
  readonly owners?: readonly number[];
  /** Wall clock in milliseconds; default: now. */
  readonly nowMs?: number;
  /** Tells a process that is hidden from us (hidepid) from one that is gone; kill(2) with signal 0. */
  readonly exists?: (pid: number) => boolean;
}

/** An unfinished file younger than this is being written, in milliseconds; one older was left so. */
const RACING_MS = 2_000;
/** A process that started this much later than the file was written is not the one that it names. Clocks are set and rounded, in milliseconds. */
const SLACK_MS = 1_000;
/** USER_HZ, fixed for all that /proc shows. */
const MS_PER_TICK = 10;
const FOUND_CHARACTERS = 40;

/** Reads the file and asks the kernel about the number in it. */
export function examinePidfile(
  proc: Proc,
  path: string,
  question: PidfileQuestion = {},
): PidfileVerdict {
  const content = readPidfile(path, question.owners ?? []);
  const nowMs = question.nowMs ?? Date.now();
  switch (content.kind) {
    case "absent":
      return content;
    case "untrusted":
      return { kind: "foreign", pid: null, evidence: content.why };
    case "malformed":
      return { kind: "malformed", found: excerpt(content.found) };
    case "empty":
      return isFresh(content.modifiedMs, nowMs)
        ? { kind: "racing" }
        : { kind: "malformed", found: "" };
    case "number":
      // The digits of a number that is still being written are another number.
      if (!content.complete && isFresh(content.modifiedMs, nowMs)) return { kind: "racing" };
      return judge(proc, content, nowMs, question, isUnchanged(path, question.leftBefore));
  }
}

function judge(
  proc: Proc,
  { pid, modifiedMs }: { readonly pid: number; readonly modifiedMs: number },
  nowMs: number,
  question: PidfileQuestion,
  leftBefore: boolean,
): PidfileVerdict {
  const stat = readStat(proc, pid);
  if (stat === null) {
    return question.exists?.(pid) === true
      ? { kind: "foreign", pid, evidence: "is hidden from us, and so not ours" }
      : { kind: "stale", pid, why: "there is no such process" };
  }
  if (!isLive(stat))
    return {
      kind: "stale",
      pid,
      why: "that process has ended (a zombie that nobody has waited for)",
    };
  const status = readStatus(proc, pid);
  if (status !== null && status.tgid !== pid)
    return { kind: "stale", pid, why: `that is only a thread, of process ${status.tgid}` };

  const identity: ProcessIdentity = {
    pid,
    startTicks: stat.startTicks,
    bootId: bootId(proc),
    pidNamespace: pidNamespace(proc),
  };
  const evidence = reuseEvidence(proc, stat, identity, modifiedMs, nowMs, question);
  if (evidence !== null) return { kind: "reused", pid, evidence };
  if (question.expectTree !== undefined && !question.expectTree(pid)) {
    return {
      kind: "foreign",
      pid,
      evidence: `is ${whois(proc, stat)}, which is not of this service`,
    };
  }
  if (leftBefore)
    return {
      kind: "reused",
      pid,
      evidence: `is ${whois(proc, stat)} now; the file was not written since before that was started`,
    };
  return { kind: "valid", pid, identity };
}

function isUnchanged(path: string, before: PidfileMark | null | undefined): boolean {
  if (before === null || before === undefined) return false;
  const now = markPidfile(path);
  return (
    now !== null &&
    now.device === before.device &&
    now.inode === before.inode &&
    now.changedNs === before.changedNs
  );
}

/** Who was proved before decides alone: the clock may have been set since the file was written. */
function reuseEvidence(
  proc: Proc,
  stat: ProcessStat,
  identity: ProcessIdentity,
  modifiedMs: number,
  nowMs: number,
  question: PidfileQuestion,
): string | null {
  const { record } = question;
  if (
    record !== undefined &&
    record !== null &&
    record.pid === stat.pid &&
    record.pidNamespace === identity.pidNamespace
  ) {
    if (record.bootId !== identity.bootId)
      return `is ${whois(proc, stat)} now; the machine has been started anew since`;
    if (record.startTicks === identity.startTicks) return null;
    return `is ${whois(proc, stat)} now, which started at another time than the one on record`;
  }
  if (question.executable !== undefined) {
    const executable = proc.link(`${stat.pid}/exe`)?.replace(/ \(deleted\)$/, "");
    if (executable !== undefined && executable !== question.executable)
      return `runs "${printable(executable)}", not "${printable(question.executable)}"`;
  }
  const uptimeMs = Number.parseFloat(proc.text("uptime") ?? "") * 1_000;
  const startedMs = nowMs - uptimeMs + stat.startTicks * MS_PER_TICK;
  // Not a number: /proc/uptime cannot be read, and no comparison is true.
  if (startedMs - modifiedMs > SLACK_MS) {
    return `is ${whois(proc, stat)} now, which started ${Math.round((startedMs - modifiedMs) / 1_000)} s after the file was written`;
  }
  return null;
}

/** One sentence without its full stop, such as `pidfile "/run/x.pid" is stale: it names 4123, and there is no such process`. */
export function describePidfile(verdict: PidfileVerdict, path: string): string {
  const file = `pidfile "${printable(path)}"`;
  switch (verdict.kind) {
    case "absent":
      return verdict.missing === undefined
        ? `${file} is not there`
        : `${file} is not there, nor is its directory`;
    case "valid":
      return `${file} is valid: it names process ${verdict.pid}`;
    case "stale":
      return `${file} is stale: it names ${verdict.pid}, and ${verdict.why}`;
    case "reused":
      return `${file} is reused: its number ${verdict.pid} was given out again, and ${verdict.evidence}`;
    case "foreign":
      return verdict.pid === null
        ? `${file} is not trusted: it ${verdict.evidence}`
        : `${file} is foreign: it names ${verdict.pid}, which ${verdict.evidence}`;
    case "malformed":
      return verdict.found === ""
        ? `${file} is malformed: it is empty`
        : `${file} is malformed: a number was expected, found "${verdict.found}"`;
    case "racing":
      return `${file} is still being written`;
  }
}

function isFresh(modifiedMs: number, nowMs: number): boolean {
  return Math.abs(nowMs - modifiedMs) < RACING_MS;
}

function whois(proc: Proc, stat: ProcessStat): string {
  return `"${readCommandLine(proc, stat.pid, stat) ?? printable(Buffer.from(stat.comm, "latin1"))}"`;
}

function excerpt(bytes: Uint8Array): string {
  const characters = Array.from(printable(bytes));
  return characters.length <= FOUND_CHARACTERS
    ? characters.join("")
    : `${characters.slice(0, FOUND_CHARACTERS - 3).join("")}...`;
}
