import { runsOf } from "../model/history.js";
import type { Model } from "../model/model.js";
import { selectedName } from "../model/selection.js";
import { clock, formatUptime } from "../text/quantity.js";
import { visible } from "../text/visible.js";
import { line, paragraph } from "./lines.js";
import type { Line } from "./lines.js";

/** Lines of output that are shown for the end of a run. */
const LAST_LINES = 3;

/** Every run that the events still tell of, the newest first: when it began, was ready and ended, how, and what it said last. */
export function historyLines(model: Model, width: number): readonly Line[] {
  const name = selectedName(model);
  if (name === null) return [line("no service is selected", "dim")];
  const runs = runsOf(model.events, name);
  const found: Line[] = [];
  for (const run of runs.toReversed()) {
    const endMs = run.endedAt === null ? model.nowMs : Date.parse(run.endedAt);
    const lasted =
      run.startedAt === null ? "" : ` ${formatUptime(endMs - Date.parse(run.startedAt))}`;
    found.push([
      { text: `run ${run.run}`, style: "strong" },
      { text: run.pid === null ? "" : `  pid ${run.pid}`, style: "dim" },
      { text: `  ${clock(run.startedAt ?? "") || "?"}`, style: "plain" },
      { text: run.readyAt === null ? "" : `  ready ${clock(run.readyAt)}`, style: "good" },
      { text: run.endedAt === null ? "  runs" : `  ended ${clock(run.endedAt)}`, style: "plain" },
      { text: lasted, style: "dim" },
    ]);
    for (const text of run.messages) found.push(...paragraph(`  ${visible(text)}`, width, "plain"));
    const last = model.logs.lines
      .filter((one) => one.service === name && one.run === run.run)
      .slice(-LAST_LINES);
    if (run.endedAt !== null)
      for (const { text } of last)
        found.push(line(`  ${model.glyphs.vertical} ${visible(text)}`, "dim"));
  }
  return found.length === 0 ? [line("nothing has happened yet", "dim")] : found;
}
