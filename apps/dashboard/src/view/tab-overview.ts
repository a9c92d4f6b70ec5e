import { formatDuration, healthWord } from "@supervise/model";
import type { Fact, FilePlace } from "@supervise/process";
import { lookOf } from "../model/detail.js";
import type { Model } from "../model/model.js";
import { selectedName, selectedPid } from "../model/selection.js";
import { formatBytes, formatUptime } from "../text/quantity.js";
import { visible } from "../text/visible.js";
import { STATE_LETTERS } from "./glyphs.js";
import { factText } from "./fact-text.js";
import { field, line, paragraph } from "./lines.js";
import type { Line } from "./lines.js";
import { styleOfState } from "./state-style.js";

/** What the selected service is and why, and its selected process. */
export function overviewLines(model: Model, width: number): readonly Line[] {
  const name = selectedName(model);
  const status = name === null ? undefined : model.services.get(name);
  if (name === null || status === undefined) return [line("no service is selected", "dim")];
  const stage = status.stage === null ? "" : ` (${status.stage})`;
  const health = healthWord(status);
  const since = formatUptime(model.nowMs - Date.parse(status.since));
  const lines: Line[] = [
    [
      { text: status.name, style: "strong" },
      {
        text: `  ${STATE_LETTERS[status.state]} ${status.state}${stage}`,
        style: styleOfState(status.state),
      },
      { text: ` for ${since}, wanted ${status.wanted}`, style: "dim" },
      { text: status.ready ? ", ready" : ", not ready", style: status.ready ? "good" : "dim" },
      {
        text: health === null ? "" : `, ${health}`,
        style: status.health === "healthy" ? "good" : "bad",
      },
    ],
  ];
  const why = model.detail.name === name ? model.detail.why : [status.reason];
  for (const sentence of why) lines.push(...paragraph(visible(sentence), width, "plain"));
  if (status.statusText !== null)
    lines.push(...field("it says", visible(status.statusText), width));
  lines.push(
    ...field("type", `${status.type}, run ${status.run}, ${status.restarts} restarts`, width),
  );
  if (status.startedAt !== null) lines.push(...field("started", status.startedAt, width));
  if (status.lastExit !== null) {
    const { run, text, at } = status.lastExit;
    lines.push(...field("last exit", `run ${run} ${visible(text)}, ${at}`, width));
  }
  lines.push(...processLines(model, name, width));
  return lines;
}

function processLines(model: Model, name: string, width: number): readonly Line[] {
  const pid = selectedPid(model);
  const process = (model.processes.get(name) ?? []).find((one) => one.pid === pid);
  if (process === undefined) return [];
  const { ppid, pgid, sid, tty, uid, stat, command, main } = process;
  return [
    ...field(
      "process",
      `${process.pid}${main ? " (main process)" : ""}, ${stat}, uid ${uid}`,
      width,
    ),
    ...field("parent", `${ppid}, group ${pgid}, session ${sid}, terminal ${tty}`, width),
    ...field("command", visible(command), width),
    ...lookLines(model, pid, width),
  ];
}

function lookLines(model: Model, pid: number | null, width: number): readonly Line[] {
  const look = lookOf(model.detail, pid, "overview");
  if (look === null) return [];
  if (look === "gone") return [line("it has ended", "warning")];
  const { program, credentials, capabilities, memory, cpu, io, cgroup, namespaces, waitChannel } =
    look;
  const lines: Line[] = [];
  const add = <Value>(
    label: string,
    fact: Fact<Value> | undefined,
    text: (value: Value) => string,
  ): void => {
    if (fact !== undefined) lines.push(...field(label, factText(fact, text), width));
  };
  add("is", waitChannel, (channel) => {
    const where = channel === null ? "" : `, in ${channel}`;
    return `${look.stateText}${where}, ${look.threadCount} threads, nice ${look.nice}`;
  });
  add("program", program, ({ executable, workingDirectory }) =>
    [factText(executable, placeText), `in ${factText(workingDirectory, placeText)}`].join(", "),
  );
  add("user", credentials, ({ uids, gids, groups, noNewPrivileges, umask }) => {
    const mask = umask === null ? "" : `, umask ${umask.toString(8).padStart(4, "0")}`;
    const more = noNewPrivileges ? ", no new privileges" : "";
    return `uid ${uids[1]}, gid ${gids[1]}, groups ${groups.join(" ") || "none"}${mask}${more}`;
  });
  add("may", capabilities, ({ effective }) => capabilityText(effective));
  add(
    "memory",
    memory,
    ({ resident, peakResident, swapped, virtual }) =>
      `${formatBytes(resident)} (peak ${formatBytes(peakResident)}), swapped ${formatBytes(swapped)}, virtual ${formatBytes(virtual)}`,
  );
  add(
    "processor",
    cpu,
    ({ userMs, systemMs, policy, lastCpu }) =>
      `${formatDuration(userMs)} user, ${formatDuration(systemMs)} system, ${policy}, last on ${lastCpu}`,
  );
  add(
    "io",
    io,
    ({ readBytes, writtenBytes, diskReadBytes, diskWrittenBytes }) =>
      `read ${formatBytes(readBytes)}, written ${formatBytes(writtenBytes)}; disk ${formatBytes(diskReadBytes)}, ${formatBytes(diskWrittenBytes)}`,
  );
  add("cgroup", cgroup, ({ path, version1, pressure }) => {
    const kept = pressure.cpu.known
      ? `, waited ${pressure.cpu.value.some.last10s}% for a processor`
      : "";
    return `${visible(path ?? Object.values(version1)[0] ?? "none")}${kept}`;
  });
  add("namespaces", namespaces, (all) => {
    const own = all.filter(({ shared }) => !shared).map(({ name }) => name);
    return own.length === 0 ? "all as the dashboard's" : `its own: ${own.join(" ")}`;
  });
  return lines;
}

function placeText(place: FilePlace | null): string {
  if (place === null) return "none";
  return `${visible(place.path)}${place.deleted ? " (deleted)" : ""}`;
}

/** Of root nearly all are set: then those that are missing say more. */
function capabilityText(effective: readonly string[]): string {
  if (effective.length === 0) return "nothing beyond its user's rights";
  return effective.length > MANY_CAPABILITIES
    ? `${effective.length} capabilities`
    : effective.join(" ");
}

const MANY_CAPABILITIES = 14;
