import { causeOf } from "./problem.js";

/** Why lines are not in a file: a negative errno, or one of these. Kept as a number in memory that outlives us. */
export const loss = {
  deleted: -10_001,
  truncated: -10_002,
  dropped: -10_003,
  died: -10_004,
} as const;

/** As a gap row has it: "no space left on device (ENOSPC)", "the file was deleted". */
export function lossCause(cause: number): string {
  switch (cause) {
    case loss.deleted:
      return "the file was deleted";
    case loss.truncated:
      return "the file was truncated";
    case loss.dropped:
      return "the buffer was full";
    case loss.died:
      return "the supervisor died";
    default:
      return causeOf(cause);
  }
}

/** Numbers of the lines of a service in a file. */
export interface Here {
  readonly first: number;
  last: number;
}

/** Lines that are missing there. */
export interface Lost {
  readonly first: number;
  readonly lines: number;
  /** A negative errno, or one of `loss`. */
  readonly cause: number;
}

/** Lines that are missing, and those before them. */
export function bothLost(before: Lost | undefined, lost: Lost): Lost {
  return {
    first: Math.min(before?.first ?? lost.first, lost.first),
    lines: (before?.lines ?? 0) + lost.lines,
    cause: before?.cause ?? lost.cause,
  };
}
