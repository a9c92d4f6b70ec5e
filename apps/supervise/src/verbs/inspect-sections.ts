import type { FactGroup } from "@supervise/process";
import { optionGiven } from "../common-options.js";
import type { OptionSpec, OptionValues } from "../verb.js";

/** Parts of the report, in their order. */
export type Section =
  | "overview"
  | "descriptors"
  | "signals"
  | "limits"
  | "memory"
  | "cpu"
  | "threads"
  | "capabilities"
  | "cgroup"
  | "namespaces"
  | "environment";

interface SectionSpec {
  readonly section: Section;
  readonly groups: readonly FactGroup[];
  /** Shown where none is chosen. */
  readonly usual: boolean;
  readonly help: string;
}

const SECTIONS: readonly SectionSpec[] = [
  {
    section: "overview",
    groups: ["command", "program", "credentials", "waitChannel", "cpu", "memory", "cgroup"],
    usual: true,
    help: "who it is: program, user, parents, processor, memory",
  },
  {
    section: "descriptors",
    groups: ["descriptors", "openFiles"],
    usual: true,
    help: "files, sockets and pipes that it has open, and who is at the other end",
  },
  {
    section: "signals",
    groups: ["signals"],
    usual: true,
    help: "signals that are pending, blocked, ignored and caught",
  },
  {
    section: "limits",
    groups: ["limits"],
    usual: true,
    help: "limits, and what is used of each",
  },
  {
    section: "memory",
    groups: ["memory", "sharedMemory"],
    usual: false,
    help: "memory, with what is shared",
  },
  { section: "cpu", groups: ["cpu", "io"], usual: false, help: "processor time, scheduling, I/O" },
  { section: "threads", groups: ["threads"], usual: false, help: "each thread" },
  {
    section: "capabilities",
    groups: ["capabilities"],
    usual: false,
    help: "capabilities by name",
  },
  {
    section: "cgroup",
    groups: ["cgroup"],
    usual: false,
    help: "cgroup and its pressure",
  },
  {
    section: "namespaces",
    groups: ["namespaces"],
    usual: false,
    help: "namespaces, and which of them are not ours",
  },
  {
    section: "environment",
    groups: ["environment"],
    usual: false,
    help: "variables that it was started with; secrets are masked",
  },
];

/** One switch for each section, and one for all. */
export const SECTION_OPTIONS: readonly OptionSpec[] = [
  ...SECTIONS.map(({ section, help }) => ({ long: section, help })),
  { long: "all", help: "every section" },
].map((one) => ({ ...one, short: null, value: null, repeatable: false }));

/** Those that are asked for; without any, the usual ones. */
export function sectionsAsked(options: OptionValues): ReadonlySet<Section> {
  const all = optionGiven(options, "all");
  const chosen = SECTIONS.filter(({ section }) => all || optionGiven(options, section));
  return new Set(
    (chosen.length > 0 ? chosen : SECTIONS.filter(({ usual }) => usual)).map(
      ({ section }) => section,
    ),
  );
}

/** What is to be read for them. */
export function groupsOf(sections: ReadonlySet<Section>): readonly FactGroup[] {
  const groups = SECTIONS.flatMap((one) => (sections.has(one.section) ? one.groups : []));
  return [...new Set(groups)];
}
