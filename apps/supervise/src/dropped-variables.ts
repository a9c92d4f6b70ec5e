/** Variables that a launcher, Node or a package manager put there for the supervisor, not for services. */
export const DROPPED_VARIABLES: readonly string[] = [
  "SUPERVISE_START_FD",
  "SUPERVISE_KEEPER",
  "NODE_CHANNEL_FD",
  "NODE_CHANNEL_SERIALIZATION_MODE",
  "NOTIFY_SOCKET",
  "WATCHDOG_USEC",
  "WATCHDOG_PID",
  "LISTEN_FDS",
  "LISTEN_PID",
  "LISTEN_FDNAMES",
  "LISTEN_PIDFDID",
  "INVOCATION_ID",
  "JOURNAL_STREAM",
];
