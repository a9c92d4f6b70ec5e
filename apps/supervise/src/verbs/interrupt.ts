/** Ctrl-C, or a reader that has gone, ends the waiting and nothing else: the supervisor goes on. */
export interface Interrupt {
  readonly signal: AbortSignal;
  release(): void;
}

export function abortOnInterrupt(): Interrupt {
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, stop);
  return {
    signal: abort.signal,
    release: () => {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}
