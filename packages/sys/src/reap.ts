import { readdirSync, readFileSync } from "node:fs";
import type { Binding } from "./binding.js";
import type { EndedChild, Kernel } from "./kernel.js";

/** The `reap` of a kernel. Behind an exempt zombie `exempt` is asked about every other child, for only a wait tells which have ended. */
export function createReap(native: Binding): Kernel["reap"] {
  const facts = new Float64Array(4);
  const collect = (pid: number, into: EndedChild[]): boolean => {
    if (native.collect(pid, facts) !== pid) return false;
    into.push(endedChild(pid, facts));
    return true;
  };
  return function reap(exempt) {
    const ended: EndedChild[] = [];
    for (;;) {
      const pid = native.peekEnded();
      if (pid <= 0) return ended;
      if (exempt(pid)) {
        for (const other of ownChildren())
          if (other !== pid && !exempt(other)) collect(other, ended);
        return ended;
      }
      if (!collect(pid, ended)) return ended;
    }
  };
}

/** All children of all our threads: a child belongs to the thread that made it. Empty without /proc or CONFIG_PROC_CHILDREN. */
function ownChildren(): readonly number[] {
  try {
    return readdirSync("/proc/self/task").flatMap((thread) =>
      readFileSync(`/proc/self/task/${thread}/children`, "latin1")
        .split(" ")
        .filter(Boolean)
        .map(Number),
    );
  } catch {
    // No /proc, no such file, or a thread that ended in between: the caller comes back on its next turn.
    return [];
  }
}

/** wait(2)'s status word: the low 7 bits are the signal, bit 7 tells of a core, the next 8 bits are the exit code. */
function endedChild(pid: number, facts: Float64Array): EndedChild {
  const status = facts[0] as number;
  const signal = status & 0x7f;
  return {
    pid,
    code: signal === 0 ? (status >> 8) & 0xff : null,
    signal: signal === 0 ? null : signal,
    coreDumped: (status & 0x80) !== 0,
    userCpuMicros: facts[1] as number,
    systemCpuMicros: facts[2] as number,
    maxRssBytes: facts[3] as number,
  };
}
