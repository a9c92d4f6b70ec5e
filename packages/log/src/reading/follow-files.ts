import { guarded, LogFileError, problemOf } from "./file-problem.js";
import { FileFollower } from "./file-follower.js";
import type { LogRow } from "./log-row.js";
import { mergeRows } from "./merge-rows.js";
import type { FollowPoint, LogSource } from "./service-reading.js";
import { PathWatch } from "./watch-path.js";

/** What is followed: a service, and where its reading has ended. */
export interface Followed {
  readonly source: LogSource;
  readonly at: FollowPoint;
}

/**
 * What is appended to the files of services from these points on, over every rotation, merged by time as far as it comes together. Ends when `signal` is aborted, or once everything is read that
 * was there when `last` was. Closes the files. Throws `LogFileError`.
 */
export async function* followFiles(
  followed: readonly Followed[],
  signal: AbortSignal,
  last: AbortSignal,
  onProblem: (message: string) => void,
): AsyncGenerator<readonly LogRow[]> {
  const fresh = new Set<FileFollower>();
  const watches: PathWatch[] = [];
  let wake: () => void = () => undefined;
  const followers = followed.map(({ source, at }) => new FileFollower(source, at, onProblem));
  const wakeUp = (): void => wake();
  signal.addEventListener("abort", wakeUp);
  last.addEventListener("abort", wakeUp);
  try {
    for (const follower of followers) {
      const news = (): void => {
        fresh.add(follower);
        wake();
      };
      const { path } = follower.source;
      watches.push(guarded(path, () => new PathWatch(path, news)));
    }
    for (;;) {
      const closing = last.aborted;
      if (closing) for (const follower of followers) fresh.add(follower);
      while (fresh.size > 0 && !signal.aborted) yield* mergeRows(await takeTurn(fresh));
      if (closing || signal.aborted) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (fresh.size > 0 || signal.aborted || last.aborted) resolve();
      });
    }
  } finally {
    signal.removeEventListener("abort", wakeUp);
    last.removeEventListener("abort", wakeUp);
    for (const watch of watches) watch.close();
    for (const follower of followers) follower.close();
  }
}

/** Reads a little of each; one that has no more is no longer fresh. */
async function takeTurn(fresh: Set<FileFollower>): Promise<AsyncIterable<readonly LogRow[]>[]> {
  const turns: AsyncIterable<readonly LogRow[]>[] = [];
  for (const follower of [...fresh]) {
    // What comes while it is read makes it fresh again.
    fresh.delete(follower);
    const rows = await readTold(follower);
    if (rows.length === 0) continue;
    fresh.add(follower);
    turns.push(once(rows));
  }
  return turns;
}

async function readTold(follower: FileFollower): Promise<LogRow[]> {
  try {
    return await follower.read();
  } catch (error) {
    throw new LogFileError(problemOf(follower.source.path, error), error);
  }
}

async function* once(rows: readonly LogRow[]): AsyncGenerator<readonly LogRow[]> {
  yield rows;
}
