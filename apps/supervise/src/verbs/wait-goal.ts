import type { ServiceStatus } from "@supervise/model";

export type Goal = "up" | "ready" | "healthy" | "down" | "done";

/** "never": not without an operator. */
export type Verdict = "reached" | "never" | "not yet";

export const GOALS: readonly Goal[] = ["up", "ready", "healthy", "down", "done"];

/**
 * Where a service stands on its way to a goal. A oneshot that is done counts as up and ready: what depends on it may go on. A service without
 * a healthcheck counts as healthy once it is ready, and one that is wanted down gets nowhere by itself but may be started any time.
 */
export function judge({ state, ready, health, type }: ServiceStatus, goal: Goal): Verdict {
  const done = state === "done" && type === "oneshot";
  // A oneshot at work is "ready" too: it has nothing to become. What is being stopped may have been.
  const isReady = done || (state === "up" && ready);
  const open = state === "failed" ? "never" : "not yet";
  switch (goal) {
    case "up":
      return state === "up" || done ? "reached" : open;
    case "ready":
      return isReady ? "reached" : open;
    case "healthy":
      return isReady && (health === "healthy" || health === "none") ? "reached" : open;
    case "down":
      return state === "down" || state === "failed" || state === "done" ? "reached" : "not yet";
    case "done":
      return state === "done" ? "reached" : open;
  }
}
