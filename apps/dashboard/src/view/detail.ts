import type { Layout } from "../model/layout.js";
import type { Model } from "../model/model.js";
import { placeTabs } from "../model/tab-layout.js";
import type { Canvas, Span } from "./frame.js";
import { drawLogs } from "./logs.js";
import { descriptorLines } from "./tab-descriptors.js";
import { environmentLines } from "./tab-environment.js";
import { limitLines } from "./tab-limits.js";
import { signalLines } from "./tab-signals.js";
import { usageLines } from "./tab-usage.js";
import { dependencyLines } from "./tab-dependencies.js";
import { historyLines } from "./tab-history.js";
import { overviewLines } from "./tab-overview.js";

/** The tabs and what the open one shows. */
export function drawDetail(canvas: Canvas, layout: Layout, model: Model): void {
  const { tabs, detail } = layout;
  if (tabs.height === 0) return;
  canvas.paint(tabs, " ", "dim");
  for (const { tab, label, x } of placeTabs(model)) {
    const open = tab === model.tab;
    const style = open ? (model.focus === "detail" ? "heading" : "strong") : "dim";
    canvas.text(tabs.x + x, tabs.y, label, style, tabs.width - x);
  }
  if (model.tab === "logs") {
    drawLogs(canvas, detail, model);
    return;
  }
  const lines = tabLines(model, detail.width - 2);
  const top = Math.max(0, Math.min(model.scroll, lines.length - detail.height));
  for (let row = 0; row < detail.height; row += 1) {
    const line = lines[top + row];
    if (line !== undefined) canvas.spans(detail.x + 1, detail.y + row, line, detail.width - 2);
  }
}

/** The rows of a tab other than the log. */
function tabLines(model: Model, width: number): readonly (readonly Span[])[] {
  switch (model.tab) {
    case "overview":
      return overviewLines(model, width);
    case "descriptors":
      return descriptorLines(model);
    case "signals":
      return signalLines(model, width);
    case "limits":
      return limitLines(model);
    case "environment":
      return environmentLines(model, width);
    case "usage":
      return usageLines(model, width);
    case "history":
      return historyLines(model, width);
    case "dependencies":
      return dependencyLines(model);
    case "logs":
      return [];
  }
}
