/** The columns of the table, in the order in which they are shown where there is room. */
export const COLUMN_IDS = [
  "name",
  "state",
  "pid",
  "ppid",
  "pgid",
  "sid",
  "tty",
  "descriptors",
  "cpu",
  "memory",
  "uptime",
  "restarts",
  "health",
  "ports",
  "reason",
] as const;

export type ColumnId = (typeof COLUMN_IDS)[number];
