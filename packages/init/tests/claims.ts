/** How an init is run: as PID 1 of new namespaces, or as a plain process that adopts orphans if it can. */
export type Mode = "pid-1" | "subreaper";

/** True: it claims this, so the case is run against it. A text: why the case is not run. */
export type Claim = true | string | { readonly onlyAs: Mode; readonly because: string };

export type Peer = "tini" | "dumb-init" | "catatonit";

const all = { tini: true, "dumb-init": true, catatonit: true } as const;
const none = (because: string) => ({ tini: because, "dumb-init": because, catatonit: because });
const NO_SUBREAPER = { onlyAs: "pid-1", because: "it is no subreaper" } as const;
const NO_PUBLIC_WORD = "its own documentation says nothing of it";

/**
 * What each peer says of itself; `supervise-init` claims everything. A case is run against every program that claims it, so that a wrong
 * expectation shows as a failure of programs that are long in use.
 */
export const CLAIMS = {
  "exit codes": all,
  "codes of ending signals": all,
  "missing and forbidden commands": {
    tini: true,
    "dumb-init": "it ends with 2",
    catatonit: "it ends with 1",
  },
  "forwarding of signals": all,
  "signals 32 and 33": none("glibc keeps them from it: it is ended by them"),
  "values of queued signals": none("it forwards with kill(2), which carries none"),
  "signals before the first instruction": {
    tini: true,
    "dumb-init": "its child starts with no signal blocked, and so is ended by the first one",
    catatonit: true,
  },
  "forwarding to a group": { tini: true, "dumb-init": true, catatonit: true },
  rewriting: {
    tini: "it rewrites nothing",
    "dumb-init": true,
    catatonit: "it rewrites nothing",
  },
  "single child": {
    tini: "has no such mode",
    "dumb-init": true,
    catatonit: "has no such mode",
  },
  "exit codes told anew": {
    tini: true,
    "dumb-init": "it cannot",
    catatonit: "it cannot",
  },
  "an end by force": none("it never kills the child"),
  "an untouched child": {
    tini: true,
    "dumb-init": "it unblocks all signals",
    catatonit: "it leaves TSTP, TTIN and TTOU blocked",
  },
  "inherited signal dispositions": {
    tini: "it unblocks the signals 32 and 33",
    "dumb-init": "it unblocks all signals",
    catatonit: "it leaves TSTP, TTIN and TTOU blocked",
  },
  "untouched streams": all,
  reaping: { tini: true, "dumb-init": NO_SUBREAPER, catatonit: true },
  "an end amid orphans": all,
  "no growth": {
    tini: true,
    "dumb-init": NO_SUBREAPER,
    catatonit: true,
  },
  "SIGCHLD ignored at start": {
    tini: "it hangs: the kernel discards the status it waits for",
    "dumb-init": true,
    catatonit: "it hangs: the kernel discards the status it waits for",
  },
  "closed descriptors": {
    tini: "it gives up without a standard input",
    "dumb-init": true,
    catatonit: true,
  },
  "few resources": all,
  "a child that may not be signalled": {
    tini: "it gives up, and the child lives on",
    "dumb-init": true,
    catatonit: "it gives up if its child has changed its user by then",
  },
  "a standard error that nobody reads": none(NO_PUBLIC_WORD),
  "nothing left behind": none("it leaves what its child leaves"),
  "no idle wake-up": {
    tini: "it wakes up once a second",
    "dumb-init": true,
    catatonit: true,
  },
  "job control of a shell": {
    tini: true,
    "dumb-init": true,
    catatonit: "it leaves TSTP blocked, so that Ctrl-Z does nothing",
  },
  "signals of a terminal": all,
  "a restored terminal": none("it leaves the settings as the child left them"),
  "a job of a shell": none("it is not stopped with its child, so the shell waits on"),
} as const satisfies Record<string, Record<Peer, Claim>>;

export type ClaimName = keyof typeof CLAIMS;
