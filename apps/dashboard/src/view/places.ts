import type { Where } from "../model/bindings.js";

/** Where a key means something, in the order of the help. */
export const WHERES: readonly Where[] = ["everywhere", "table", "logs", "detail"];

/** The same in words. */
export const PLACES: Readonly<Record<Where, string>> = {
  everywhere: "everywhere",
  table: "in the table",
  logs: "in the log",
  detail: "in the other tabs",
};
