import { deepEqual } from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { atEnd } from "./cleanup.js";
import type { TestScope } from "./cleanup.js";
import { DEFAULT_DEADLINE_MS } from "./deadline.js";
import { childrenOf, readProcess } from "./process-table.js";
import { until } from "./until.js";

/** Fails if this process has a child, alive or zombie, and names it. */
export function assertNoChildren(): void {
  const children = childrenOf("self").map((pid) => describeChild(pid));
  deepEqual(children, [], "children are left");
}

/** Open descriptors of this process with what each is: "5 -> socket:[123]". */
export function openDescriptors(): string[] {
  const open: string[] = [];
  for (const fd of readdirSync("/proc/self/fd")) {
    try {
      open.push(`${fd} -> ${readlinkSync(`/proc/self/fd/${fd}`)}`);
    } catch {
      // The descriptor of this very look.
    }
  }
  return open;
}

/**
 * Call it first in a test: at the test's end, after all else is undone, it fails if there is a child, an open descriptor or an armed
 * timer that was not there before, and still is after so many milliseconds.
 */
export function assertNoLeaks(t: TestScope, deadlineMs: number = DEFAULT_DEADLINE_MS): void {
  const descriptors = new Set(openDescriptors());
  const children = new Set(childrenOf("self"));
  const timers = armedTimers();
  const leaks = (): string[] => [
    ...openDescriptors().filter((entry) => !descriptors.has(entry)),
    ...childrenOf("self")
      .filter((pid) => !children.has(pid))
      .map((pid) => describeChild(pid)),
    ...(armedTimers() > timers ? [`${armedTimers() - timers} armed timers`] : []),
  ];
  // Node closes pipes and sockets a few turns of the loop after it says so.
  atEnd(t, async () => {
    await until(leaks, {
      is: (left) => left.length === 0,
      what: "nothing to be left open",
      deadlineMs,
    });
  });
}

function describeChild(pid: number): string {
  const entry = readProcess(pid);
  return `child ${pid} ${entry?.name ?? "(gone)"} ${entry?.state ?? ""}`;
}

function armedTimers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
}
