import type { FollowPoint, LogReading, LogRow, LogSource } from "@supervise/log";
import type { LogLine } from "@supervise/model";
import type { VerbIo } from "../verb.js";
import type { LogPlaces } from "./log-places.js";
import { ringRow } from "./log-ring.js";
import { followOverItsEnd } from "./over-its-end.js";

/** Beyond every entry that is kept: only the end of the stream is waited for. */
const NO_ENTRY = 1e14;

export interface FollowTask {
  readonly io: VerbIo;
  readonly found: LogPlaces;
  readonly reading: LogReading;
  /** Where the files have been read to. */
  readonly followed: readonly { readonly source: LogSource; readonly at: FollowPoint }[];
  /** The last line of each service without files that has been told. */
  readonly told: Map<string, LogLine>;
  /** Lines of a service without files to begin with, where none has been told yet; null: all that are kept. */
  readonly lines: number | null;
  readonly onProblem: (message: string) => void;
  readonly signal: AbortSignal;
}

/**
 * What comes from now on: from the files of services that have some, over rotations and restarts of the supervisor; of others from the supervisor, also over its end where somebody starts another.
 * Ends with the supervisor, when it was told to end, and then tells the last lines first.
 */
export async function* followAll(task: FollowTask): AsyncGenerator<readonly LogRow[]> {
  const { followed, signal, reading, onProblem } = task;
  const last = new AbortController();
  const live = liveRows(task, last);
  if (followed.length === 0) return yield* live;
  yield* interleave([reading.followFiles(followed, signal, last.signal, onProblem), live]);
}

/** The supervisor's side: lines of services without files, or nothing, until it ends. */
async function* liveRows(
  task: FollowTask,
  last: AbortController,
): AsyncGenerator<readonly LogRow[]> {
  const { io, found, signal, followed } = task;
  let silence = found.silence;
  for (let again = false; ; again = true) {
    try {
      if (silence !== null) throw silence;
      yield* followOverItsEnd(io, found.client, signal, (returned) =>
        open(task, again || returned),
      );
      last.abort();
      return;
    } catch (error) {
      if (followed.length === 0 || signal.aborted || !isControlError(error)) throw error;
    }
    io.err("supervise: no supervisor runs; going on with the log files\n");
    const pid = await nextSupervisor(task);
    if (pid === null) return;
    silence = null;
    io.err(`supervise: a supervisor is there, pid ${pid}\n`);
  }
}

async function* open(task: FollowTask, again: boolean): AsyncGenerator<readonly LogRow[]> {
  const { found, signal, told } = task;
  const names = found.places.filter(({ source }) => source === null).map(({ name }) => name);
  if (names.length === 0) {
    for await (const _ of found.client.events({ after: NO_ENTRY, follow: true }, signal));
    return;
  }
  const before = new Map(told);
  const lines = again || told.size > 0 ? null : task.lines;
  for await (const line of found.client.logs({ names, lines, follow: true }, signal)) {
    if (!isNew(line, before.get(line.service))) continue;
    before.delete(line.service);
    told.set(line.service, line);
    yield [ringRow(line)];
  }
}

/** The next supervisor tells what is in its memory; what was told before is not told again. */
function isNew(line: LogLine, last: LogLine | undefined): boolean {
  return (
    last === undefined || line.time > last.time || (line.time === last.time && line.seq > last.seq)
  );
}

/** Its PID, once one answers; null: interrupted. Nothing is polled: the kernel tells when the socket is made. */
async function nextSupervisor({ found, reading, signal }: FollowTask): Promise<number | null> {
  let wake: () => void = () => undefined;
  let fresh = true;
  const news = (): void => {
    fresh = true;
    wake();
  };
  const watch = new reading.PathWatch(found.socketPath, news);
  signal.addEventListener("abort", news);
  try {
    while (!signal.aborted) {
      if (fresh) {
        fresh = false;
        try {
          return (await found.client.project()).pid;
        } catch {
          // Not yet: the socket stands there before anybody listens.
          continue;
        }
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (fresh || signal.aborted) resolve();
      });
    }
    return null;
  } finally {
    signal.removeEventListener("abort", news);
    watch.close();
  }
}

function isControlError(error: unknown): boolean {
  return error instanceof Error && (error.name === "ControlError" || "code" in error);
}

/** Items of several streams as they come. A stream that throws ends all of them. */
async function* interleave<T>(streams: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  const ask = async (
    stream: AsyncGenerator<T>,
  ): Promise<{ readonly stream: AsyncGenerator<T>; readonly result: IteratorResult<T> }> => ({
    stream,
    result: await stream.next(),
  });
  const asked = new Map(streams.map((stream) => [stream, ask(stream)]));
  while (asked.size > 0) {
    const { stream, result } = await Promise.race(asked.values());
    if (result.done === true) asked.delete(stream);
    else {
      yield result.value;
      asked.set(stream, ask(stream));
    }
  }
}
