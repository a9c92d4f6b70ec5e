import { constants } from "node:os";

/** How the dashboard ends: by the person, by a signal or by an error. The first of them counts. */
export interface Ending {
  readonly promise: Promise<number>;
  resolve(exitCode: number): void;
  /** What goes wrong in the work ends the dashboard. */
  guard(work: () => void): void;
  /** SIGINT and SIGQUIT are another's, that has the terminal, until they are ours again. */
  deafToKeys(deaf: boolean): void;
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
  let deaf = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (deaf && (signal === "SIGINT" || signal === "SIGQUIT")) return;
    resolve(128 + constants.signals[signal]);
  };
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
    deafToKeys(given) {
      deaf = given;
    },
    close() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      process.off("uncaughtException", onError);
    },
  };
}
