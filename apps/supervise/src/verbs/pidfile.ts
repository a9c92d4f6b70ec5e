import { resolve } from "node:path";
import { discardPidfile, openProc } from "@supervise/process";
import { errnoName, errnoText, type Kernel } from "@supervise/sys";
import { JSON_OUTPUT, optionGiven, optionText, QUIET } from "../common-options.js";
import { openKernel } from "../kernel.js";
import { CommandError, EXIT_USAGE } from "../verb.js";
import type { Verb } from "../verb.js";
import { examine } from "./pidfile-evidence.js";
import type { PidfileReport } from "./pidfile-evidence.js";

export const verb: Verb = {
  name: "pidfile",
  summary: "say what a pidfile is worth, with the evidence",
  usage: "FILE...",
  options: [
    {
      long: "clean",
      short: null,
      value: null,
      repeatable: false,
      help: "remove the stale and the reused ones, and no others",
    },
    {
      long: "executable",
      short: null,
      value: "PATH",
      repeatable: false,
      help: "the process must run this program, or the number is reused",
    },
    JSON_OUTPUT,
    QUIET,
  ],
  run: async ({ io, options, words }) => {
    if (words.length === 0)
      throw new CommandError("cannot examine a pidfile: one must be named", {
        exitCode: EXIT_USAGE,
        hint: "supervise pidfile /run/nginx.pid",
      });
    const kernel = openKernel();
    const proc = openProc(kernel);
    const executable = optionText(options, "executable");
    let bad = 0;
    const reports: (PidfileReport & { readonly removed: boolean })[] = [];
    for (const word of words) {
      const file = resolve(io.workingDirectory, word);
      const report = examine(kernel, proc, file, executable);
      const removed =
        optionGiven(options, "clean") &&
        isLeft(report) &&
        remove(kernel, file, (where) => isLeft(examine(kernel, proc, file, executable, where)));
      if (report.verdict !== "valid" && !removed) bad += 1;
      reports.push({ ...report, removed });
    }
    if (optionGiven(options, "json")) io.out(`${JSON.stringify(reports)}\n`);
    else if (!optionGiven(options, "quiet")) io.out(reports.map(reportText).join("\n"));
    return bad === 0 ? 0 : 1;
  },
};

function isLeft({ verdict }: PidfileReport): boolean {
  return verdict === "stale" || verdict === "reused";
}

/** False: a daemon has just written it anew. */
function remove(kernel: Kernel, file: string, isLeftAt: (where: string) => boolean): boolean {
  const discarded = discardPidfile(kernel, file, isLeftAt);
  if (discarded.kind !== "failed") return discarded.kind === "removed";
  const { errno } = discarded;
  throw new CommandError(
    `cannot remove pidfile "${file}": ${errnoText(errno)} (${errnoName(errno)})`,
  );
}

function reportText(report: PidfileReport & { readonly removed: boolean }): string {
  const { process, lock } = report;
  const rows: (readonly [string, string])[] = [];
  if (report.owner !== null)
    rows.push(["file", `of user ${report.owner}, written ${report.written}`]);
  if (process !== null) {
    rows.push(
      ["process", `${report.pid} "${process.command ?? "?"}", started ${process.started ?? "?"}`],
      ["executable", process.executable ?? "not to be seen"],
      ["parent", `${process.parent} "${process.parentCommand ?? "?"}"`],
      ["session", `${process.session}, user ${process.user ?? "?"}, state ${process.state}`],
    );
  }
  if (lock !== null) rows.push(["lock", lockText(lock)]);
  if (report.removed) rows.push(["clean", "removed"]);
  const list = rows.map(([name, text]) => `  ${name.padEnd(10)} ${text}\n`).join("");
  return `${report.why}\n${list}`;
}

function lockText({ file, held, holder }: NonNullable<PidfileReport["lock"]>): string {
  if (!held) return `"${file}" is free`;
  return `"${file}" is held by ${holder === null ? "an open file" : `process ${holder}`}`;
}
