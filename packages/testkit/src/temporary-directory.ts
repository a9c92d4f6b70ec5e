import { mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd } from "./cleanup.js";
import type { TestScope } from "./cleanup.js";
import { DEFAULT_DEADLINE_MS } from "./deadline.js";
import { readProcess } from "./process-table.js";
import { until } from "./until.js";

/**
 * A new directory with a short path (a Unix socket's has at most 107 bytes). At the test's end it is removed, and the test fails if any
 * process still works in it or holds a file of it open after so many milliseconds.
 */
export function temporaryDirectory(t: TestScope, deadlineMs: number = DEFAULT_DEADLINE_MS): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "sv-")));
  atEnd(t, async () => {
    try {
      await until(() => usersOf(directory), {
        is: (users) => users.length === 0,
        what: `no process to use "${directory}" any more`,
        deadlineMs,
      });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
  return directory;
}

/** The processes (but this one) whose working directory, root or open file lies in the directory: "PID NAME: PATH". */
export function usersOf(directory: string): string[] {
  const users: string[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const used = linksOf(name).find(
      (link) => link === directory || link.startsWith(`${directory}/`),
    );
    if (used) users.push(`${name} ${readProcess(Number(name))?.name ?? "(gone)"}: ${used}`);
  }
  return users;
}

function linksOf(pid: string): string[] {
  const links: string[] = [];
  const add = (path: string): void => {
    try {
      links.push(readlinkSync(path));
    } catch {
      // Gone since, or not ours to look into.
    }
  };
  add(`/proc/${pid}/cwd`);
  add(`/proc/${pid}/root`);
  try {
    for (const fd of readdirSync(`/proc/${pid}/fd`)) add(`/proc/${pid}/fd/${fd}`);
  } catch {
    // As above.
  }
  return links;
}
