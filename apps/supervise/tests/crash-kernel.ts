import { readFileSync } from "node:fs";
import { childrenOf, isAlive, readProcess, treeOf } from "@supervise/testkit";
import { commandLine, environmentOf, identity } from "./harness.js";

/** The supervisor below the init; undefined: there is none now. */
export function supervisorBelow(init: number): number | undefined {
  return childrenOf(init).find((pid) =>
    /mortal-supervisor\.js up/.test(isAlive(pid) ? commandLine(pid) : ""),
  );
}

/** The number by which a process is known in its own PID namespace; 0: it is gone. */
export function innerPid(pid: number): number {
  try {
    const found = /^NSpid:.*?(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
    return Number(found?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** What lives of one service. */
export interface Living {
  /** Identifiers of runs. */
  readonly runs: ReadonlySet<string>;
  /** Outer numbers with start times, those first that lead a session. */
  readonly processes: readonly string[];
  readonly innerPids: ReadonlySet<number>;
}

/** Every living process below the init, see `livingAmong`. */
export function livingServices(init: number, by?: string): ReadonlyMap<string, Living> {
  return livingAmong(treeOf(init), by);
}

/** Those of services, by the name of the service, or another variable of their environment. */
export function livingAmong(
  pids: readonly number[],
  by = "CRASH_SERVICE",
): ReadonlyMap<string, Living> {
  const found = new Map<
    string,
    { runs: Set<string>; processes: string[]; innerPids: Set<number> }
  >();
  for (const pid of pids) {
    if (!isAlive(pid)) continue;
    const environment = environmentOf(pid);
    const value = (name: string): string | undefined =>
      environment.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
    const [service, run] = [value(by), value("INVOCATION_ID")];
    const who = identity(pid);
    // It has ended since: no name is its own any more.
    if (service === undefined || run === undefined || who.endsWith("@gone")) continue;
    const living = found.get(service) ?? { runs: new Set(), processes: [], innerPids: new Set() };
    living.runs.add(run);
    living.processes.push(who);
    living.innerPids.add(innerPid(pid));
    found.set(service, living);
  }
  return found;
}

/** Zombies below the init: "PID NAME". */
export function zombiesBelow(init: number): readonly string[] {
  return treeOf(init).flatMap((pid) => {
    const entry = readProcess(pid);
    return entry?.state === "Z" ? [`${pid} ${entry.name}`] : [];
  });
}
