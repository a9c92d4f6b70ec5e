import { formatDuration } from "@supervise/model";
import { printable, valueOr } from "@supervise/process";
import type { FilePlace } from "@supervise/process";
import { formatBytes, formatPercent } from "./inspect-amounts.js";
import type { Row } from "./inspect-rows.js";
import type { Shown, ShownMember } from "./inspect-shown.js";

/** Names of users and groups; the number as text where there is none. */
export interface Names {
  readonly user: (uid: number) => string;
  readonly group: (gid: number) => string;
}

/** Who the process is, at a glance. What is not known is left out, but for what everybody would miss. */
export function overviewRows(
  { process, usage }: ShownMember,
  { names, nowMs }: { readonly names: Names; readonly nowMs: number },
): readonly Row[] {
  return [
    { label: "state", text: stateText(process, nowMs) },
    ...commandRows(process),
    ...programRows(process),
    {
      label: "parent",
      text: `${process.ppid}, process group ${process.processGroup}, session ${process.session}`,
    },
    { label: "terminal", text: terminalText(process) },
    ...credentialRows(process, names),
    ...processorRows(process, usage),
    ...memoryRow(process, usage),
    ...cgroupRow(process),
  ];
}

function stateText(process: Shown, nowMs: number): string {
  const { state, stateText: words, startedAt, threadCount } = process;
  const channel = process.waitChannel === undefined ? null : valueOr(process.waitChannel);
  return [
    `${words} (${state})${channel === null ? "" : ` in ${channel}`}`,
    ...(threadCount > 1 ? [`${threadCount} threads`] : []),
    ...(startedAt === null
      ? []
      : [`started ${formatDuration(nowMs - Date.parse(startedAt))} ago (${startedAt})`]),
  ].join(", ");
}

function commandRows({ command }: Shown): readonly Row[] {
  if (command?.known !== true || command.value.words.length === 0) return [];
  const { words, cut } = command.value;
  return [{ label: "command", text: `${printable(words.join(" "))}${cut ? " ..." : ""}` }];
}

function programRows({ program }: Shown): readonly Row[] {
  if (program?.known !== true) return [];
  const { executable, workingDirectory, root } = program.value;
  const hidden = !executable.known && executable.why === "forbidden";
  const file = executable.known ? executable.value : null;
  return [
    ...(file === null ? [] : [{ label: "executable", text: placeText(file) }]),
    ...(hidden ? [{ label: "executable", text: "hidden from us, as is much below" }] : []),
    ...(workingDirectory.known
      ? [{ label: "directory", text: placeText(workingDirectory.value) }]
      : []),
    ...(root.known && root.value !== "/" ? [{ label: "root", text: printable(root.value) }] : []),
  ];
}

function placeText({ path, deleted }: FilePlace): string {
  return `${printable(path)}${deleted ? " (deleted)" : ""}`;
}

function terminalText({ terminal, foregroundGroup, processGroup }: Shown): string {
  if (terminal === null) return "none";
  if (foregroundGroup === null) return terminal;
  return foregroundGroup === processGroup
    ? `${terminal}, in the foreground`
    : `${terminal}, foreground is group ${foregroundGroup}`;
}

function credentialRows({ credentials }: Shown, names: Names): readonly Row[] {
  if (credentials?.known !== true) return [];
  const { uids, gids, groups, umask, noNewPrivileges, seccomp } = credentials.value;
  const [real, effective] = uids;
  const extra = [
    ...(umask === null ? [] : [`umask ${umask.toString(8).padStart(4, "0")}`]),
    ...(noNewPrivileges ? ["no new privileges"] : []),
    ...(seccomp === null || seccomp === "none" ? [] : [`seccomp ${seccomp}`]),
  ];
  const user =
    real === effective ? names.user(real) : `${names.user(effective)} (real ${names.user(real)})`;
  const supplementary = groups.filter((gid) => gid !== gids[1]);
  return [
    {
      label: "user",
      text: [
        user,
        `group ${names.group(gids[1])}`,
        ...(supplementary.length === 0 ? [] : [`also ${supplementary.map(names.group).join(" ")}`]),
        ...extra,
      ].join(", "),
    },
  ];
}

function processorRows({ cpu }: Shown, usage: ShownMember["usage"]): readonly Row[] {
  const used = usage === null ? [] : usageTexts(usage);
  if (cpu?.known !== true)
    return used.length === 0 ? [] : [{ label: "processor", text: used.join(", ") }];
  const { userMs, systemMs, nice, policy } = cpu.value;
  const scheduling = [
    ...(policy === "other" ? [] : [`scheduled as ${policy}`]),
    ...(nice === 0 ? [] : [`nice ${nice}`]),
  ];
  const text = [
    ...used,
    `${formatDuration(userMs)} user and ${formatDuration(systemMs)} system time`,
    ...scheduling,
  ];
  return [{ label: "processor", text: text.join(", ") }];
}

function usageTexts({
  cpuPercent,
  averageCpuPercent,
}: NonNullable<ShownMember["usage"]>): readonly string[] {
  return [
    ...(cpuPercent === null ? [] : [`${formatPercent(cpuPercent)} now`]),
    `${formatPercent(averageCpuPercent)} since its start`,
  ];
}

function memoryRow({ memory }: Shown, usage: ShownMember["usage"]): readonly Row[] {
  if (memory?.known !== true)
    return usage === null || memory === undefined || usage.residentBytes === 0
      ? []
      : [{ label: "memory", text: `${formatBytes(usage.residentBytes)} resident` }];
  const { resident, peakResident, swapped, virtual } = memory.value;
  const text = [
    `${formatBytes(usage?.residentBytes ?? resident)} resident`,
    `${formatBytes(peakResident)} at most`,
    ...(swapped === 0 ? [] : [`${formatBytes(swapped)} swapped out`]),
    `${formatBytes(virtual)} of addresses`,
  ];
  return [{ label: "memory", text: text.join(", ") }];
}

function cgroupRow({ cgroup }: Shown): readonly Row[] {
  if (cgroup?.known !== true || cgroup.value.path === null) return [];
  const waiting = Object.entries(cgroup.value.pressure).flatMap(([resource, fact]) =>
    fact.known ? [`${resource} ${formatPercent(fact.value.some.last10s)}`] : [],
  );
  const pressure = waiting.length === 0 ? "" : `, pressure of the last 10 s: ${waiting.join(", ")}`;
  return [{ label: "cgroup", text: `${printable(cgroup.value.path)}${pressure}` }];
}
