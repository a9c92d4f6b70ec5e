// @ts-check
// snapshot KIND: reads the processes whose numbers are on its stdin, in a process of its own, so that its system calls can be counted. KIND is "table", "both", "full", or
// "none" for the start alone.
import { readFileSync } from "node:fs";
import { inspectProcesses, openInspectSource } from "../../packages/process/dist/index.js";
import { createKernel } from "../../packages/sys/dist/index.js";
import { bothGroups, fullGroups, tableGroups } from "../snapshot-groups.mjs";

const pids = readFileSync(0, "utf8").trim().split("\n").map(Number);
const source = openInspectSource(createKernel());
const kind = process.argv[2];

if (kind === "table") check(inspectProcesses(source, pids, { groups: tableGroups }));
if (kind === "both") check(inspectProcesses(source, pids, { groups: bothGroups, ends: "among" }));
if (kind === "full") check(inspectProcesses(source, pids, { groups: fullGroups, ends: "among" }));

/** @param {readonly { readonly outcome: string }[]} read */
function check(read) {
  const gone = read.filter(({ outcome }) => outcome === "gone").length;
  if (gone > 0) throw new Error(`${gone} processes are gone`);
}
