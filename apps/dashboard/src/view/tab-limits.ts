import type { LimitFacts } from "@supervise/process";
import type { Model } from "../model/model.js";
import { formatBytes } from "../text/quantity.js";
import { padEnd, padStart } from "../text/width.js";
import { factLines } from "./fact-text.js";
import { line } from "./lines.js";
import type { Line } from "./lines.js";

/** From this part of a limit on it is shown as nearly reached. */
const NEARLY = 0.9;

/** Each limit of the selected process with what is used of it. */
export function limitLines(model: Model): readonly Line[] {
  return factLines(
    model,
    (look) => look.limits,
    (limits) => [
      line(
        `${padEnd("limit", 20)}${padStart("used", 10)}${padStart("soft", 14)}${padStart("hard", 14)}`,
        "dim",
      ),
      ...limits.map(limitLine),
    ],
  );
}

function limitLine(limit: LimitFacts): Line {
  const { name, soft, hard, use, unit } = limit;
  const text = (value: number | null): string =>
    value === null ? "unlimited" : unit === "bytes" ? formatBytes(value) : String(value);
  const nearly = use !== null && soft !== null && soft > 0 && use >= soft * NEARLY;
  return [
    { text: padEnd(name, 20), style: "strong" },
    { text: padStart(use === null ? "-" : text(use), 10), style: nearly ? "bad" : "plain" },
    { text: padStart(text(soft), 14), style: soft === null ? "dim" : "plain" },
    { text: padStart(text(hard), 14), style: "dim" },
    { text: unit === "bytes" ? "" : `  ${unit}`, style: "dim" },
  ];
}
