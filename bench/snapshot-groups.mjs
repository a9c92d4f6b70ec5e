// @ts-check
// What the bench of snapshots reads of each process.
import { FACT_GROUPS } from "../packages/process/dist/index.js";

/** What a table as that of ps(1) needs. */
export const tableGroups = /** @type {const} */ (["command", "credentials", "memory", "cpu"]);
/** What ps and lsof tell together. */
export const bothGroups = /** @type {const} */ ([
  ...tableGroups,
  "signals",
  "program",
  "descriptors",
]);
/** Everything but PSS, for which the kernel walks all pages: neither ps nor lsof tells it. */
export const fullGroups = FACT_GROUPS.filter((group) => group !== "sharedMemory");
