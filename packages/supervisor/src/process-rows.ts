import type { ProcessRow } from "@supervise/model";
import { psRow } from "@supervise/process";
import type { Core } from "./supervisor.js";

/** The trees of the named services, each with its main process first. A process that ends while it is read is left out. Secrets in their command lines are masked. */
export function processRows(core: Core, names: readonly string[]): readonly ProcessRow[] {
  const { room, trees, secrets } = core;
  return names.flatMap((name) => {
    const run = room.live.get(name);
    if (run === undefined) return [];
    return trees.members(run).flatMap((pid) => {
      const row = psRow(room.proc, pid);
      if (row === null) return [];
      const command = secrets.hide(row.command);
      return [{ service: name, main: pid === run.mainPid, ...row, command }];
    });
  });
}
