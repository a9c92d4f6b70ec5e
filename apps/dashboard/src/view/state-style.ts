import type { StateKind } from "@supervise/model";
import type { Style } from "./frame.js";

/** Beside its letter, which says the same without colour. */
export function styleOfState(state: StateKind): Style {
  switch (state) {
    case "up":
    case "done":
      return "good";
    case "waiting":
    case "starting":
    case "stopping":
      return "busy";
    case "backoff":
      return "warning";
    case "failed":
      return "bad";
    case "down":
      return "dim";
  }
}
