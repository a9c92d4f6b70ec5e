import type { Model } from "../model/model.js";
import { selectedName, selectedPid } from "../model/selection.js";
import { formatUptime } from "../text/quantity.js";
import { visible } from "../text/visible.js";
import { STATE_LETTERS } from "./glyphs.js";
import { field, line, paragraph } from "./lines.js";
import type { Line } from "./lines.js";
import { styleOfState } from "./state-style.js";

/** What the selected service is and why, and its selected process. */
export function overviewLines(model: Model, width: number): readonly Line[] {
  const name = selectedName(model);
  const status = name === null ? undefined : model.services.get(name);
  if (name === null || status === undefined) return [line("no service is selected", "dim")];
  const stage = status.stage === null ? "" : ` (${status.stage})`;
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
        text: status.health === "none" ? "" : `, ${status.health}`,
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
  ];
}
