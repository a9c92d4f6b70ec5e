import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kernel } from "@supervise/daemon";
import { measureLife } from "./measure-life.js";
import type { LifeFigures } from "./measure-life.js";

interface Figure {
  readonly name: string;
  /** Null: of that nothing is asked. */
  readonly nearMs: number | null;
  readonly of: (life: LifeFigures) => readonly number[];
}

const FIGURES: readonly Figure[] = [
  { name: "start to listening", nearMs: 1.7, of: (life) => [life.listeningMs] },
  { name: "one request cycle", nearMs: 0.5, of: (life) => life.cyclesMs },
  { name: "SIGHUP to reloaded", nearMs: 1.0, of: (life) => life.reloadsMs },
  { name: "shutdown, as logged", nearMs: 1.3, of: (life) => [life.shutDownMs] },
  { name: "SIGTERM to the last row", nearMs: 1.3, of: (life) => [life.lastRowMs] },
  { name: "SIGTERM to exit", nearMs: 1.3, of: (life) => [life.exitMs] },
  { name: "idle Node, to exit", nearMs: null, of: (life) => [life.idleExitMs] },
];

/** Lives so many lives of the daemon, one after the other, and prints the median of each figure. Settles with the exit code. */
export async function measure(
  runs: number,
  kernel: Pick<Kernel, "realtimeMicros">,
  say: (text: string) => void,
): Promise<number> {
  const lives: LifeFigures[] = [];
  for (let run = 1; run <= runs; run += 1) {
    const directory = mkdtempSync(join(tmpdir(), "daemond-"));
    try {
      lives.push(await measureLife(directory, kernel));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  say(`${runs} lives of the daemon; milliseconds\n\n`);
  say("figure                    median    best   worst    near\n");
  for (const { name, nearMs, of } of FIGURES) {
    const sorted = lives.flatMap((life) => of(life)).toSorted((one, other) => one - other);
    const columns = [median(sorted), sorted[0] ?? 0, sorted.at(-1) ?? 0];
    if (nearMs !== null) columns.push(nearMs);
    say(`${name.padEnd(24)}${columns.map((ms) => ms.toFixed(3).padStart(8)).join("")}\n`);
  }
  return 0;
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  const [below = 0, above = below] = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1);
  return (below + above) / 2;
}
