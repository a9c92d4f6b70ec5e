import type { Room } from "../room.js";
import type { Trees } from "../trees.js";

/** What the syslog socket needs of the supervisor. */
export type SyslogRoom = Pick<
  Room,
  "kernel" | "proc" | "hub" | "events" | "watcher" | "live" | "monotonicMs" | "warn"
>;

/** What it needs to know of trees. */
export type SyslogTrees = Pick<Trees, "ownerOf">;
