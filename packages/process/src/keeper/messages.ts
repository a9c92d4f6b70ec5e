/**
 * What the keeper and the supervisor say to each other (docs/keeper.md): each message is one packet of a SOCK_SEQPACKET socket. Times are
 * milliseconds since the epoch with a fraction.
 */

/** The keeper's first word: who it is, and what became of the supervisor before. */
export interface Hello {
  readonly type: "hello";
  /** 0: there was none. */
  readonly previousEndedAtMs: number;
  /** Ends of children that were given up for want of room since the init began. */
  readonly exitsLost: number;
  readonly signalsLost: number;
  /** Soft limit of open files that the init was started with; it has raised its own. -1: none. */
  readonly openFiles: number;
  readonly version: number;
  /** 1: the first supervisor. */
  readonly generation: number;
  /** See {@link PREVIOUS_ENDS}. */
  readonly previousEnd: number;
  /** Exit code or signal number. */
  readonly previousStatus: number;
  readonly initPid: number;
  /** 1: is PID 1, 2: is a subreaper. */
  readonly flags: number;
}

/** How the supervisor before this one ended, by the number in HELLO. */
export const PREVIOUS_ENDS = ["none", "exited", "killed", "hung", "upgrade"] as const;

/** A deposit of an earlier supervisor, or of the keeper itself; its descriptors come with the packet. */
export interface Held {
  readonly type: "held";
  readonly name: string;
}

/** All deposits were told. */
export interface Begin {
  readonly type: "begin";
}

/** A child of the keeper has ended. */
export interface Exit {
  readonly type: "exit";
  /** From 1; told again to the next supervisor until acknowledged. */
  readonly number: number;
  readonly atMs: number;
  readonly userCpuMicros: number;
  readonly systemCpuMicros: number;
  readonly maxRssBytes: number;
  readonly pid: number;
  /** CLD_EXITED 1, CLD_KILLED 2, CLD_DUMPED 3 of waitid(2). */
  readonly code: number;
  /** Exit code or signal number. */
  readonly status: number;
}

/** A signal to the keeper. */
export interface Signal {
  readonly type: "signal";
  /** As of {@link Exit}, in a count of its own. */
  readonly number: number;
  readonly atMs: number;
  /** Of sigqueue(3). */
  readonly value: bigint;
  readonly signal: number;
  /** si_code of sigaction(2). */
  readonly code: number;
  readonly senderPid: number;
  readonly senderUid: number;
}

/** To be answered by a PONG of this number within the limit. */
export interface Ping {
  readonly type: "ping";
  readonly number: number;
}

/** A message of ours was not carried out. */
export interface Refused {
  readonly type: "refused";
  /** A positive errno. */
  readonly errno: number;
  /** Number of the type that was refused. */
  readonly refusedType: number;
  readonly name: string;
}

export type FromKeeper = Hello | Held | Begin | Exit | Signal | Ping | Refused;

/** In service: from here on our death is a fault to be mended. */
export interface Ready {
  readonly type: "ready";
}

/** Highest numbers that were dealt with; 0: none. */
export interface Acknowledge {
  readonly type: "acknowledge";
  readonly exits: number;
  readonly signals: number;
}

export interface Pong {
  readonly type: "pong";
  readonly number: number;
}

/** Comes with 1 to 4 descriptors, and replaces the deposit of that name (1 to 63 bytes). */
export interface Deposit {
  readonly type: "deposit";
  readonly name: string;
}

export interface Withdraw {
  readonly type: "withdraw";
  readonly name: string;
}

/** In `Settings.pingEveryMs`. */
export const PING_AS_STARTED = 0xffff_ffff;

export interface Settings {
  readonly type: "settings";
  /** From SIGTERM to SIGKILL for what is left at the end. */
  readonly graceMs: number;
  /** 0: never. {@link PING_AS_STARTED}: as the keeper was told when it was started; then the limit means nothing. */
  readonly pingEveryMs: number;
  readonly pingLimitMs: number;
  /** Path; may be empty. */
  readonly terminationLog: string;
}

/** We are about to exit, and the init is to end with this code and reason. */
export interface FinishedMessage {
  readonly type: "finished";
  readonly exitCode: number;
  readonly reason: string;
}

/** We are about to exit, to be started anew. */
export interface Upgrade {
  readonly type: "upgrade";
}

export type ToKeeper =
  | Ready
  | Acknowledge
  | Pong
  | Deposit
  | Withdraw
  | Settings
  | FinishedMessage
  | Upgrade;

export type KeeperMessage = FromKeeper | ToKeeper;
