/** Whether the manager expects to hear WATCHDOG=1 again and again. */
export type Watchdog =
  | { readonly kind: "off" }
  /** Silence for longer than that is taken for a hang; to be told at least twice as often. */
  | { readonly kind: "on"; readonly timeoutMs: number }
  /** WATCHDOG_USEC or WATCHDOG_PID is no number. */
  | { readonly kind: "malformed"; readonly value: string };

export interface WatchdogOptions {
  /** Where WATCHDOG_USEC and WATCHDOG_PID are read; `process.env` unless told. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Removes both afterwards, so that no child takes them for its own. */
  readonly unsetEnvironment?: boolean;
  /** Who must be meant by WATCHDOG_PID, where that is set; our own PID unless told. */
  readonly pid?: number;
}

/** sd_watchdog_enabled(3). */
export function watchdogEnabled(options: WatchdogOptions = {}): Watchdog {
  const environment = options.environment ?? process.env;
  const { WATCHDOG_USEC: micros, WATCHDOG_PID: pid } = environment;
  if (options.unsetEnvironment === true) {
    delete environment["WATCHDOG_USEC"];
    delete environment["WATCHDOG_PID"];
  }
  if (micros === undefined) return { kind: "off" };
  if (pid !== undefined && !isNumber(pid)) return { kind: "malformed", value: pid };
  if (pid !== undefined && Number(pid) !== (options.pid ?? process.pid)) return { kind: "off" };
  if (!isNumber(micros) || Number(micros) === 0) return { kind: "malformed", value: micros };
  return { kind: "on", timeoutMs: Number(micros) / 1000 };
}

function isNumber(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}
