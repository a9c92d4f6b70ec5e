import type { ControlClient } from "@supervise/control";
import { inspectProcess, inspectTree, sortAsTree, threadGroupOf } from "@supervise/process";
import type { InspectSource } from "@supervise/process";
import { CommandError, EXIT_USAGE } from "../verb.js";

/** One thing that was asked about, and the processes that it is. */
export interface Subject {
  /** The word as it was given, or the name of the service that it matched. */
  readonly asked: string;
  readonly service: string | null;
  /** Sentences on why the service is as it is; null for a mere process. */
  readonly why: readonly string[] | null;
  /** Each before its children; 0 is the depth of the first. */
  readonly members: readonly { readonly pid: number; readonly depth: number }[];
  /** Whose details are shown: the main process, or the one that was asked about. Null: there is none. */
  readonly mainPid: number | null;
}

/** A number is a process; anything else names services of the supervisor, by pattern too. `supervisor` is asked for only then. */
export async function findSubjects(
  source: InspectSource,
  words: readonly string[],
  withTree: boolean,
  supervisor: () => Promise<ControlClient>,
): Promise<readonly Subject[]> {
  const subjects: Subject[] = [];
  for (const word of words) {
    if (/^\d+$/.test(word)) subjects.push(processSubject(source, word, withTree));
    else subjects.push(...(await serviceSubjects(await supervisor(), word)));
  }
  return subjects;
}

function processSubject(source: InspectSource, word: string, withTree: boolean): Subject {
  const pid = Number(word);
  const inspected = inspectProcess(source, pid, { groups: [] });
  if (pid === 0 || inspected.outcome === "gone")
    throw new CommandError(`cannot inspect process "${word}": no such process (ESRCH)`, {
      hint: "supervise ps shows the processes of services",
    });
  const group = threadGroupOf(source, pid);
  if (group !== null && group !== pid)
    throw new CommandError(`cannot inspect process "${word}": it is a thread of process ${group}`, {
      exitCode: EXIT_USAGE,
      hint: `supervise inspect --threads ${group}`,
    });
  const members = withTree
    ? inspectTree(source, pid, { groups: [] }).members.map(({ depth, process }) => ({
        pid: process.pid,
        depth,
      }))
    : [{ pid, depth: 0 }];
  return { asked: word, service: null, why: null, members, mainPid: pid };
}

async function serviceSubjects(client: ControlClient, word: string): Promise<readonly Subject[]> {
  const services = await client.services([word]);
  return Promise.all(
    services.map(async ({ name, pid }) => {
      const [why, rows] = await Promise.all([client.why(name), client.processes([name])]);
      const main = rows.find((row) => row.main)?.pid ?? pid ?? rows[0]?.pid ?? null;
      return { asked: name, service: name, why, members: sortAsTree(rows), mainPid: main };
    }),
  );
}
