import type { ControlClient } from "@supervise/control";
import type { VerbIo } from "../verb.js";

/** A supervisor that its keeper starts anew is there within a second; one that fails to start is tried for longer, in milliseconds. */
const LIMIT_MS = 15_000;
const LOOK_EVERY_MS = 50;

/**
 * The items of a stream that follows, also beyond the end of its supervisor: where a keeper starts another, `open` is called again with `true`, and stderr
 * tells. Throws as the stream does where nobody comes back, and where there is no keeper.
 */
export async function* followOverItsEnd<T>(
  io: VerbIo,
  client: ControlClient,
  signal: AbortSignal,
  open: (again: boolean) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const keeper = comesBack(io, client);
  await keeper.look();
  for (let again = false; ; again = true) {
    try {
      yield* open(again);
      return;
    } catch (error) {
      if (!isLoss(error)) throw error;
      const there = await keeper.back(signal);
      if (signal.aborted) return;
      if (!there) throw error;
      await keeper.look();
    }
  }
}

/** Waits for another supervisor where the one that has gone had a keeper. */
export function comesBack(
  { err }: Pick<VerbIo, "err">,
  client: ControlClient,
): {
  /** Asks whether there is a keeper, as long as somebody can be asked. */
  readonly look: () => Promise<void>;
  /** After a loss: true once another one answers, of which stderr tells; false where nobody will, in time, or before `signal`. */
  readonly back: (signal: AbortSignal) => Promise<boolean>;
} {
  let keeperPid: number | null = null;
  return {
    look: async () => {
      keeperPid = await keeperOf(client);
    },
    back: async (signal) => {
      if (keeperPid === null) return false;
      err("supervise: the supervisor has gone; waiting for its keeper to start another\n");
      const pid = await back(client, signal);
      if (pid === null || signal.aborted) return false;
      err(`supervise: the supervisor is back, pid ${pid}\n`);
      return true;
    },
  };
}

function isLoss(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "connection-lost";
}

/** Null: nobody answers, or there is none. */
async function keeperOf(client: ControlClient): Promise<number | null> {
  try {
    return (await client.project()).keeperPid ?? null;
  } catch {
    return null;
  }
}

/** The number of the supervisor that answers; null: none has in time. */
async function back(client: ControlClient, signal: AbortSignal): Promise<number | null> {
  const limitMs = performance.now() + LIMIT_MS;
  while (!signal.aborted && performance.now() < limitMs) {
    try {
      return (await client.project()).pid;
    } catch {
      await new Promise((resolve) => {
        setTimeout(resolve, LOOK_EVERY_MS);
      });
    }
  }
  return null;
}
