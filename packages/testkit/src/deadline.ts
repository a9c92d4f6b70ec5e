import { inspect } from "node:util";

/** Generous, so that only a hang meets it, on a slow machine that does other things besides too. */
export const DEFAULT_DEADLINE_MS = 20_000;

export interface DeadlineOptions {
  /** What is waited for, as the end of the sentence "waited N ms for ...". */
  readonly what: string;
  readonly deadlineMs?: number;
  /** Text to print beside the failure: the daemon's log, say. */
  readonly log?: (() => string | Promise<string>) | undefined;
}

/** The error of a wait that met its deadline: what was waited for, the last thing seen, the log. */
export async function missed(options: DeadlineOptions, seen: unknown): Promise<Error> {
  const log = options.log ? `\nlog:\n${await options.log()}` : "";
  const last = typeof seen === "string" ? seen : inspect(seen, { depth: 6 });
  return new Error(
    `waited ${options.deadlineMs ?? DEFAULT_DEADLINE_MS} ms for ${options.what}; last seen: ${last}${log}`,
  );
}

/** Settles as `promise` does, or rejects at the deadline; `seen` tells what there was until then. */
export async function beforeDeadline<T>(
  promise: Promise<T>,
  options: DeadlineOptions,
  seen: () => unknown,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(resolve, options.deadlineMs ?? DEFAULT_DEADLINE_MS, "late");
  });
  try {
    const first = await Promise.race([promise.then((value) => ({ value })), late]);
    if (first === "late") throw await missed(options, seen());
    return first.value;
  } finally {
    clearTimeout(timer);
  }
}
