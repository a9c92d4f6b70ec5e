import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { SpawnFailure } from "@supervise/model";
import type { ExecStage, SpawnResult } from "@supervise/sys";
import { errnoNameOf, spawnErrorText } from "../errno-text.js";
import type { SpawnPlan } from "./plan.js";

export type FailedSpawn = Exclude<SpawnResult, { readonly pid: number }>;

/** These pass by themselves: processes end, descriptors are closed, memory comes back, a compiler finishes its file. */
const TRANSIENT: ReadonlySet<string> = new Set(["EAGAIN", "EMFILE", "ENFILE", "ENOMEM", "ETXTBSY"]);

/**
 * The failure in words, with its cause: `changing to directory "/srv/web": no such directory`. The file system is asked again where the
 * errno alone would mislead, so this is for the one failed spawn, not for a hot path.
 */
export function describeSpawnFailure(result: FailedSpawn, plan: SpawnPlan): SpawnFailure {
  const errno = errnoNameOf(result.errno);
  return {
    stage: `${stageText(result.stage, plan)}: ${causeText(result.stage, errno, plan)}`,
    errno,
    transient: TRANSIENT.has(errno),
  };
}

function stageText(stage: ExecStage, plan: SpawnPlan): string {
  const { request } = plan;
  switch (stage) {
    case "clone":
      return "making a process";
    case "session":
      return "making a session";
    case "process group":
      return "making a process group";
    case "controlling terminal":
      return "taking the controlling terminal";
    case "signals":
      return "resetting signals";
    case "cgroup":
      return "entering the cgroup";
    case "nice":
      return `setting nice to ${request.nice ?? 0}`;
    case "oom score":
      return `setting the OOM score to ${request.oomScoreAdj ?? 0}`;
    case "limits":
      return "setting resource limits";
    case "groups":
      return `setting groups to ${(request.groups ?? []).join(", ")}`;
    case "gid":
      return `changing to group ${request.gid ?? 0}`;
    case "uid":
      return `changing to user ${request.uid ?? 0}`;
    case "capabilities":
      return "setting capabilities";
    case "no new privileges":
      return "giving up new privileges";
    case "umask":
      return "setting the umask";
    case "working directory":
      return `changing to directory "${request.workingDirectory ?? ""}"`;
    case "root":
      return `changing to root directory "${request.root ?? ""}"`;
    case "descriptors":
      return "arranging descriptors";
    case "parent death signal":
      return "setting the parent death signal";
    case "lock":
      return "taking its lock";
    case "exec":
      return `executing "${named(plan)}"`;
  }
}

/** The file that was to be executed: the first candidate that is there, else the command as it was written. */
function named(plan: SpawnPlan): string {
  if (plan.searched === null) return plan.request.files[0] ?? "";
  return (
    plan.request.files.find((file) => kindOf(plan, file) !== "absent") ??
    String(plan.request.argv[0])
  );
}

function causeText(stage: ExecStage, errno: string, plan: SpawnPlan): string {
  if ((stage === "working directory" || stage === "root") && errno === "ENOENT")
    return "no such directory";
  if (stage !== "exec") return spawnErrorText(errno);
  const file = named(plan);
  const kind = kindOf(plan, file);
  if (errno === "ENOENT") {
    // execve(2) answers ENOENT for an absent interpreter too, of a file that is plainly there.
    if (kind === "file") return missingInterpreter(plan, file);
    return plan.searched === null ? "no such file" : `command not found in PATH "${plan.searched}"`;
  }
  if (errno === "EACCES") {
    if (kind === "directory") return "it is a directory";
    return kind === "file" ? "not executable" : spawnErrorText(errno);
  }
  return spawnErrorText(errno);
}

function kindOf(plan: SpawnPlan, file: string): "file" | "directory" | "absent" {
  try {
    return statSync(outside(plan, file)).isDirectory() ? "directory" : "file";
  } catch {
    // Forbidden or gone: the errno of the spawn stands.
    return "absent";
  }
}

/** A name inside the service's root directory, as we see it. */
function outside(plan: SpawnPlan, file: string): string {
  return plan.request.root === undefined ? file : `${plan.request.root}${file}`;
}

/** BINPRM_BUF_SIZE: what the kernel reads of a file to find its interpreter. */
const FIRST_LINE_BYTES = 256;

function missingInterpreter(plan: SpawnPlan, file: string): string {
  try {
    const fd = openSync(outside(plan, file), "r");
    try {
      const head = Buffer.alloc(FIRST_LINE_BYTES);
      const line =
        head.toString("utf8", 0, readSync(fd, head, 0, head.length, 0)).split("\n")[0] ?? "";
      const interpreter = /^#![ \t]*(\S+)/.exec(line)?.[1];
      if (interpreter !== undefined)
        return `its interpreter "${interpreter}" is not there${line.endsWith("\r") ? " (the line ends with a carriage return)" : ""}`;
    } finally {
      closeSync(fd);
    }
  } catch {
    // Not ours to read: what can be said without its first line is said below.
  }
  return "its interpreter or dynamic linker is not there";
}
