import { formatDuration } from "@supervise/model";
import { lookOf } from "../model/detail.js";
import type { Look } from "../model/detail.js";
import type { Model } from "../model/model.js";
import { selectedPid } from "../model/selection.js";
import { formatBytes } from "../text/quantity.js";
import { factText } from "./fact-text.js";
import type { Style } from "./frame.js";
import { graphRows } from "./graph.js";
import { field, line } from "./lines.js";
import type { Line } from "./lines.js";

const GRAPH_ROWS = 3;

/** Processor and memory of the selected process over the last minutes, as far as it was looked at, and its counters. */
export function usageLines(model: Model, width: number): readonly Line[] {
  const pid = selectedPid(model);
  if (pid === null) return [line("it has no process", "dim")];
  const trend = model.trends.get(pid);
  const look = lookOf(model.detail, pid, "usage");
  return [
    ...graph(
      model,
      "CPU",
      trend?.cpuPercent ?? [],
      (value) => `${value.toFixed(1)}%`,
      "good",
      width,
    ),
    ...graph(model, "memory", trend?.memoryBytes ?? [], formatBytes, "accent", width),
    ...(look === null || look === "gone" ? [] : counterLines(look, width)),
  ];
}

function graph(
  model: Model,
  name: string,
  values: readonly number[],
  text: (value: number) => string,
  style: Style,
  width: number,
): readonly Line[] {
  const last = values.at(-1);
  if (last === undefined) return [line(`${name}: measuring`, "dim")];
  const shown = values.slice(-width);
  const greatest = Math.max(...shown);
  return [
    [
      { text: `${name} ${text(last)}`, style: "strong" },
      { text: `  at most ${text(greatest)} in the last ${shown.length} s`, style: "dim" },
    ],
    ...graphRows(values, Math.max(1, width), GRAPH_ROWS, model.glyphs.bars).map((row) =>
      line(row, style),
    ),
  ];
}

function counterLines(
  { memory, sharedMemory, cpu, io, threads }: Look,
  width: number,
): readonly Line[] {
  const rows: Line[] = [];
  if (memory !== undefined)
    rows.push(
      ...field(
        "memory",
        factText(
          memory,
          (one) =>
            `resident ${formatBytes(one.resident)}: anonymous ${formatBytes(one.anonymous)}, file ${formatBytes(one.file)}, shared ${formatBytes(one.shared)}; swapped ${formatBytes(one.swapped)}, locked ${formatBytes(one.locked)}`,
        ),
        width,
      ),
    );
  if (sharedMemory !== undefined)
    rows.push(
      ...field(
        "its part",
        factText(
          sharedMemory,
          (one) => `PSS ${formatBytes(one.proportional)}, USS ${formatBytes(one.unique)}`,
        ),
        width,
      ),
    );
  if (cpu !== undefined)
    rows.push(
      ...field(
        "processor",
        factText(
          cpu,
          (one) =>
            `${formatDuration(one.userMs)} user, ${formatDuration(one.systemMs)} system, children ${formatDuration(one.childrenUserMs + one.childrenSystemMs)}`,
        ),
        width,
      ),
      ...field(
        "switches",
        factText(
          cpu,
          (one) =>
            `${one.voluntarySwitches ?? "?"} because it waited, ${one.involuntarySwitches ?? "?"} because its time was up`,
        ),
        width,
      ),
      ...field(
        "faults",
        factText(cpu, (one) => `${one.minorFaults} without, ${one.majorFaults} with the disk`),
        width,
      ),
    );
  if (io !== undefined)
    rows.push(
      ...field(
        "io",
        factText(
          io,
          (one) =>
            `read ${formatBytes(one.readBytes)} in ${one.readCalls} calls, written ${formatBytes(one.writtenBytes)} in ${one.writeCalls}`,
        ),
        width,
      ),
    );
  if (threads !== undefined)
    rows.push(
      ...field(
        "threads",
        factText(threads, (all) =>
          all.map(({ tid, name, state }) => `${tid} ${name} ${state}`).join(", "),
        ),
        width,
      ),
    );
  return rows;
}
