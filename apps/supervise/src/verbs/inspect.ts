import { setTimeout as delay } from "node:timers/promises";
import { createUsageSampler, inspectProcesses, openInspectSource } from "@supervise/process";
import type { FactGroup, InspectSource, Usage } from "@supervise/process";
import type { Kernel } from "@supervise/sys";
import { JSON_OUTPUT, optionGiven, SOCKET } from "../common-options.js";
import { durationOption } from "../duration-option.js";
import { openKernel } from "../kernel.js";
import { findSupervisor } from "../locate.js";
import { CommandError, EXIT_USAGE } from "../verb.js";
import type { Verb, VerbContext } from "../verb.js";
import { hang } from "./inspect-amounts.js";
import { withMaskedCommands } from "./inspect-commands.js";
import { inspectJson } from "./inspect-json.js";
import { groupsOf, SECTION_OPTIONS, sectionsAsked } from "./inspect-sections.js";
import type { ShownSubject } from "./inspect-shown.js";
import { findSubjects } from "./inspect-subjects.js";
import type { Subject } from "./inspect-subjects.js";
import { processText } from "./inspect-text.js";
import type { TextOptions } from "./inspect-text.js";
import type { Names } from "./inspect-overview.js";
import { printable } from "./table.js";
import { treeTable } from "./inspect-tree.js";

const DEFAULT_COLUMNS = 80;
/** What the table of a tree shows. */
const TREE_GROUPS: readonly FactGroup[] = ["openFiles", "memory", "command"];

const flag = (long: string, help: string): Verb["options"][number] => ({
  long,
  short: null,
  value: null,
  repeatable: false,
  help,
});

export const verb: Verb = {
  name: "inspect",
  summary: "show what a process is doing: descriptors, signals, limits, memory",
  usage: "NAME|PID...",
  options: [
    ...SECTION_OPTIONS,
    flag("tree", "of a PID: the processes below it too"),
    flag("each", "the details of every process of a tree, not only of the main one"),
    flag("secrets", "show passwords, tokens and keys of the environment as they are"),
    {
      long: "sample",
      short: null,
      value: "DURATION",
      repeatable: false,
      help: "measure the use of processors for so long (1s), instead of since the start",
    },
    SOCKET,
    JSON_OUTPUT,
  ],
  run: async (context) => {
    const { io, options, words } = context;
    if (words.length === 0)
      throw new CommandError("cannot inspect: neither a process nor a service is named", {
        exitCode: EXIT_USAGE,
        hint: "supervise inspect 1 shows the first process; supervise ps lists those of services",
      });
    const kernel = openKernel();
    const source = openInspectSource(kernel);
    const withTree = optionGiven(options, "tree");
    let client: ReturnType<typeof findSupervisor> | null = null;
    const subjects = await findSubjects(
      source,
      words,
      withTree,
      () => (client ??= findSupervisor(context)),
    );
    const usages = await sampled(subjects, durationOption(options, "sample"));
    const sections = sectionsAsked(options);
    const json = optionGiven(options, "json");
    const everyone = json || optionGiven(options, "each");
    const read = subjects.map((one) =>
      readSubject(source, one, groupsOf(sections), everyone, usages),
    );
    const mask = optionGiven(options, "secrets") ? null : await patternsOf(subjects, client);
    const shown = mask === null ? read : withMaskedCommands(source, read, mask);
    if (json) {
      io.out(`${JSON.stringify(inspectJson(shown, mask))}\n`);
      return 0;
    }
    const text: TextOptions = {
      sections,
      columns: io.columns() ?? DEFAULT_COLUMNS,
      mask,
      names: namesFrom(kernel),
      nowMs: Date.now(),
    };
    io.out(shown.map((one) => subjectText(one, everyone, context, text)).join("\n"));
    return 0;
  },
};

/** The configuration's `mask`, where services are shown. */
async function patternsOf(
  subjects: readonly Subject[],
  client: ReturnType<typeof findSupervisor> | null,
): Promise<readonly string[]> {
  if (client === null || subjects.every(({ members }) => members.length === 0)) return [];
  return (await (await client).project()).mask ?? [];
}

/** Two samples that far apart, or one, which knows the average since the start only. */
async function sampled(
  subjects: readonly Subject[],
  spanMs: number | null,
): Promise<ReadonlyMap<number, Usage>> {
  const sampler = createUsageSampler();
  const pids = [...new Set(subjects.flatMap(({ members }) => members.map(({ pid }) => pid)))];
  const once = await sampler.sample(pids);
  if (spanMs === null || pids.length === 0) return once;
  await delay(spanMs);
  return sampler.sample(pids);
}

/** Of those whose details are not asked for only what the table shows. */
function readSubject(
  source: InspectSource,
  subject: Subject,
  groups: readonly FactGroup[],
  everyone: boolean,
  usages: ReadonlyMap<number, Usage>,
): ShownSubject {
  const pids = subject.members.map(({ pid }) => pid);
  const detailed = new Set(everyone || pids.length < 2 ? pids : [subject.mainPid]);
  const details = inspectProcesses(
    source,
    pids.filter((pid) => detailed.has(pid)),
    {
      groups: pids.length < 2 ? groups : [...new Set([...groups, ...TREE_GROUPS])],
      ends: "everywhere",
      countUserProcesses: true,
    },
  );
  const others = inspectProcesses(
    source,
    pids.filter((pid) => !detailed.has(pid)),
    { groups: TREE_GROUPS },
  );
  const found = new Map(
    [...details, ...others].flatMap((one) =>
      one.outcome === "read" ? [[one.process.pid, one.process] as const] : [],
    ),
  );
  return {
    ...subject,
    members: subject.members.flatMap(({ pid, depth }) => {
      const process = found.get(pid);
      return process === undefined ? [] : [{ depth, process, usage: usages.get(pid) ?? null }];
    }),
    gone: pids.filter((pid) => !found.has(pid)),
  };
}

function subjectText(
  subject: ShownSubject,
  everyone: boolean,
  { io }: Pick<VerbContext, "io">,
  options: TextOptions,
): string {
  const { members, why, service, asked, gone, mainPid } = subject;
  const detailed = members.filter(({ process }) => everyone || process.pid === mainPid);
  const parts = [
    ...(service === null
      ? []
      : [(why ?? []).map((sentence) => hang("", printable(sentence), options.columns)).join("")]),
    ...(members.length > 1 ? [treeTable(members, io.outIsTerminal ? io.columns() : null)] : []),
    ...detailed.map((member) => processText(member, options)),
    ...(members.length > 0 || service === null ? [] : [`service "${asked}" has no processes\n`]),
    ...gone.map((pid) => `process ${pid} has ended meanwhile\n`),
  ];
  return parts.join("\n");
}

function namesFrom(kernel: Kernel): Names {
  const named = (id: number, lookUp: () => { readonly name: string } | null): string => {
    try {
      const entry = lookUp();
      return entry === null ? String(id) : `${entry.name} (${id})`;
    } catch {
      // No table of accounts can be asked: the number is what counts.
      return String(id);
    }
  };
  return {
    user: (uid) => named(uid, () => kernel.lookupUser(uid)),
    group: (gid) => named(gid, () => kernel.lookupGroup(gid)),
  };
}
