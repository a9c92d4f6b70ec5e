import type { SpecChange } from "@supervise/model";
import { lineChanges } from "../model/line-changes.js";
import { isSound } from "../model/proposal.js";
import type { Proposal } from "../model/proposal.js";
import { visible } from "../text/visible.js";
import { padEnd } from "../text/width.js";
import type { Style } from "./frame.js";
import { line, paragraph } from "./lines.js";
import type { Line } from "./lines.js";

const KINDS: Readonly<Record<SpecChange["kind"], readonly [text: string, style: Style]>> = {
  same: ["stays as it is", "dim"],
  restart: ["restart", "warning"],
  reload: ["in place", "busy"],
  new: ["new", "good"],
  gone: ["gone", "bad"],
};

/** What a proposal would do, service by service, and what was edited for it; or what is wrong with it. */
export function changesLines(proposal: Proposal, width: number): readonly Line[] {
  const { edit, changes, diagnostics, problem } = proposal;
  const lines: Line[] = [];
  if (problem !== null) lines.push(...paragraph(visible(problem), width, "bad"));
  for (const { file, line: row, column, severity, message, hint } of diagnostics) {
    const place = row === 0 ? file : `${file}:${row}:${column}`;
    const style = severity === "error" ? "bad" : "warning";
    lines.push(line(visible(`${place}: ${severity}`), style));
    lines.push(...paragraph(`  ${visible(message)}`, width));
    if (hint !== null) lines.push(...paragraph(`  hint: ${visible(hint)}`, width, "dim"));
  }
  if (isSound(proposal)) lines.push(...serviceLines(changes, width));
  const edited = edit === null ? [] : lineChanges(edit.before, edit.text);
  if (edited.length > 0) lines.push(line(""), line(visible(edit?.path ?? ""), "heading"));
  for (const { kind, number, text } of edited) {
    const sign = kind === "same" ? " " : kind === "gone" ? "-" : "+";
    const style = kind === "same" ? "dim" : kind === "gone" ? "bad" : "good";
    lines.push([
      { text: String(number).padStart(5), style: "dim" },
      { text: ` ${sign}${visible(text)}`, style },
    ]);
  }
  return lines;
}

function serviceLines(changes: readonly SpecChange[], width: number): readonly Line[] {
  const touched = changes.filter(({ kind }) => kind !== "same");
  const rest = changes.length - touched.length;
  const widest = Math.min(28, Math.max(8, ...touched.map(({ name }) => name.length)));
  const lines = touched.map(({ name, kind, fields }): Line => {
    const [text, style] = KINDS[kind];
    return [
      { text: padEnd(name, widest + 2), style: "strong" },
      { text: padEnd(text, 10), style },
      { text: fields.join(", ").slice(0, width), style: "plain" },
    ];
  });
  const same = `${rest} ${rest === 1 ? "service stays as it is" : "services stay as they are"}`;
  if (touched.length === 0) lines.push(line("nothing would change", "dim"));
  if (rest > 0) lines.push(line(same, "dim"));
  return lines;
}
