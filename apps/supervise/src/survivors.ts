import { closeSync, constants, existsSync, openSync } from "node:fs";
import { openProc, readRecords, sameProcess } from "@supervise/process";
import { openKernel } from "./kernel.js";

/** A service that a supervisor has left running at its death. */
export interface Survivor {
  readonly name: string;
  /** Main process. */
  readonly pid: number;
}

/** What lives of the services of a dead supervisor, by its records in the runtime directory. None where a supervisor lives: it knows of them. */
export function findSurvivors(directory: string): readonly Survivor[] {
  const lock = `${directory}/lock`;
  if (!existsSync(lock)) return [];
  const kernel = openKernel();
  let fd: number;
  try {
    fd = openSync(lock, constants.O_RDWR);
  } catch {
    // Another user's project.
    return [];
  }
  const held = kernel.lock(fd) < 0;
  closeSync(fd);
  if (held) return [];
  const proc = openProc(kernel);
  return [...readRecords(directory).values()].flatMap(({ service, main }) =>
    main !== null && sameProcess(proc, main) ? [{ name: service, pid: main.pid }] : [],
  );
}

/** As a hint beneath the error that no supervisor is there. */
export function survivorsHint(survivors: readonly Survivor[]): string {
  const names = survivors.map(({ name, pid }) => `${name} (pid ${pid})`).join(", ");
  return `its supervisor has died, and these services live on: ${names}; supervise up takes them over, supervise up --fresh starts everything anew, supervise down stops them`;
}
