import type { Readable } from "node:stream";
import { beforeDeadline } from "./deadline.js";
import type { DeadlineOptions } from "./deadline.js";

/** The lines of a stream, one by one. It reads on from the first moment, so that the writer never blocks. */
export interface Lines extends AsyncIterable<string> {
  /** All lines so far, taken or not. */
  readonly all: readonly string[];
  /** The next line not yet taken; null at the end of the stream. Rejects at the deadline. */
  next(options?: Partial<DeadlineOptions>): Promise<string | null>;
  /** Takes lines until one matches, and gives its match. Rejects at the deadline and at the end of the stream. */
  match(pattern: RegExp, options?: Partial<DeadlineOptions>): Promise<RegExpExecArray>;
  /** Resolves at the end of the stream with all lines. */
  rest(options?: Partial<DeadlineOptions>): Promise<readonly string[]>;
}

/** Splits UTF-8 text at newlines; a last line without one counts as a line. */
export function lines(stream: Readable): Lines {
  const all: string[] = [];
  let partial = "";
  let taken = 0;
  let ended = false;
  let wake: () => void = () => {};

  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const parts = (partial + text).split("\n");
    partial = parts.pop() ?? "";
    all.push(...parts);
    wake();
  });
  const finish = (): void => {
    if (ended) return;
    ended = true;
    if (partial !== "") all.push(partial);
    wake();
  };
  stream.on("end", finish);
  stream.on("close", finish);
  stream.on("error", finish);

  async function arrived(): Promise<string | null> {
    for (;;) {
      const line = all[taken];
      if (line !== undefined) {
        taken++;
        return line;
      }
      if (ended) return null;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  const next = (options: Partial<DeadlineOptions> = {}): Promise<string | null> =>
    beforeDeadline(arrived(), { what: "a line", ...options }, () => all.slice(-20));

  return {
    all,
    next,
    async match(pattern, options = {}) {
      for (;;) {
        const line = await next({ what: `a line that matches ${pattern}`, ...options });
        if (line === null)
          throw new Error(
            `the stream ended without a line that matches ${pattern}; lines: ${JSON.stringify(all.slice(-20))}`,
          );
        const found = pattern.exec(line);
        if (found) return found;
      }
    },
    async rest(options = {}) {
      while ((await next({ what: "the end of the stream", ...options })) !== null);
      return all;
    },
    async *[Symbol.asyncIterator]() {
      for (let line = await next(); line !== null; line = await next()) yield line;
    },
  };
}
