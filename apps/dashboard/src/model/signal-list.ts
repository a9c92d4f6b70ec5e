/** Signals that a person may want to send, with what each does to a process that has not asked for something else; signal(7). */
export interface SignalEntry {
  readonly name: string;
  readonly meaning: string;
  /** Ends the process, or stops it from going on, unless it handles it. */
  readonly destroys: boolean;
}

export const SIGNALS: readonly SignalEntry[] = [
  {
    name: "SIGHUP",
    meaning: "terminal gone; many daemons read their configuration again",
    destroys: true,
  },
  { name: "SIGINT", meaning: "interrupt, as Ctrl-C does", destroys: true },
  { name: "SIGQUIT", meaning: "quit, as Ctrl-\\ does; leaves a core dump", destroys: true },
  { name: "SIGTERM", meaning: "please end; can be handled", destroys: true },
  { name: "SIGKILL", meaning: "ends it at once; cannot be handled", destroys: true },
  { name: "SIGUSR1", meaning: "the program's own meaning; ends one that has none", destroys: true },
  { name: "SIGUSR2", meaning: "the program's own meaning; ends one that has none", destroys: true },
  { name: "SIGSTOP", meaning: "halts it until SIGCONT; cannot be handled", destroys: true },
  { name: "SIGTSTP", meaning: "halts it, as Ctrl-Z does", destroys: true },
  { name: "SIGCONT", meaning: "lets a halted process go on", destroys: false },
  { name: "SIGWINCH", meaning: "the window changed; some daemons end gracefully", destroys: false },
  { name: "SIGURG", meaning: "urgent data on a socket; ignored by default", destroys: false },
  { name: "SIGCHLD", meaning: "a child changed; ignored by default", destroys: false },
  { name: "SIGALRM", meaning: "a timer ran out", destroys: true },
  { name: "SIGVTALRM", meaning: "a timer of its CPU time ran out", destroys: true },
  { name: "SIGPROF", meaning: "a profiling timer ran out", destroys: true },
  { name: "SIGPIPE", meaning: "nobody reads what it writes", destroys: true },
  { name: "SIGIO", meaning: "input or output is possible", destroys: true },
  { name: "SIGTTIN", meaning: "reads from the terminal in the background: halts", destroys: true },
  { name: "SIGTTOU", meaning: "writes to the terminal in the background: halts", destroys: true },
  { name: "SIGABRT", meaning: "abort; leaves a core dump", destroys: true },
  { name: "SIGXCPU", meaning: "over its limit of CPU time; leaves a core dump", destroys: true },
  { name: "SIGXFSZ", meaning: "over its limit of file size; leaves a core dump", destroys: true },
  { name: "SIGTRAP", meaning: "a breakpoint; leaves a core dump", destroys: true },
  { name: "SIGPWR", meaning: "the power fails", destroys: true },
];
