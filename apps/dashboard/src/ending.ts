import { constants } from "node:os";

/** How the dashboard ends: by the person, by a signal or by an error. The first of them counts. */
export interface Ending {
  readonly promise: Promise<number>;
  resolve(exitCode: number): void;
  /** What goes wrong in the work ends the dashboard. */
  guard(work: () => void): void;
  close(): void;
}

const SIGNALS = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"] as const;

/** Listens to signals and to exceptions that nobody catches until it is closed. */
export function createEnding(): Ending {
  let resolve: (exitCode: number) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<number>((settle, refuse) => {
    resolve = settle;
    reject = refuse;
  });
  const onSignal = (signal: NodeJS.Signals): void => resolve(128 + constants.signals[signal]);
  const onError = (error: unknown): void => reject(error);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on("uncaughtException", onError);
  return {
    promise,
    resolve,
    guard(work) {
      try {
        work();
      } catch (error) {
        reject(error);
      }
    },
    close() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      process.off("uncaughtException", onError);
    },
  };
}
