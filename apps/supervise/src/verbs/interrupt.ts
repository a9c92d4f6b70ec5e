import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs what waits for a supervisor. Ctrl-C, SIGTERM and SIGHUP abort the signal that it is given and nothing else: the supervisor goes on.
 * Returns its result, or 128+n after such a signal, whatever the aborted work then throws.
 */
export async function untilInterrupted(
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const abort = new AbortController();
  let interruptedBy: (typeof SIGNALS)[number] | null = null;
  const stop = (signal: NodeJS.Signals): void => {
    interruptedBy ??= SIGNALS.find((one) => one === signal) ?? null;
    abort.abort();
  };
  const codeOf = (): number | null =>
    interruptedBy === null ? null : 128 + constants.signals[interruptedBy];
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    const code = await work(abort.signal);
    return codeOf() ?? code;
  } catch (error) {
    const code = codeOf();
    if (code === null) throw error;
    return code;
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}
