import { formatDuration } from "@supervise/model";
import type { VerbIo } from "../verb.js";
import { cutToColumns } from "./table.js";

/** Shown only after so long: what is quick needs no progress, in milliseconds. */
const QUIET_MS = 500;
const EVERY_MS = 250;
const NAMES_SHOWN = 4;

/** One line on stderr, rewritten, that names what is still moving and for how long. Nothing where stderr is no terminal. */
export interface Progress {
  moving(name: string, state: string): void;
  settled(name: string): void;
  end(): void;
}

/** `silent`: nothing is ever shown. `end` must be called: until then a timer runs. */
export function createProgress(io: VerbIo, silent: boolean): Progress {
  const states = new Map<string, string>();
  const startedMs = performance.now();
  let shown = false;
  const clear = (): void => {
    if (shown) io.err("\r\u001b[K");
    shown = false;
  };
  const draw = (): void => {
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs < QUIET_MS || states.size === 0) return;
    const names = [...states].slice(0, NAMES_SHOWN).map(([name, state]) => `${name} (${state})`);
    const more = states.size > NAMES_SHOWN ? ` and ${states.size - NAMES_SHOWN} more` : "";
    const columns = io.columns();
    // One column is left free: in the last one some terminals wrap, and then "\r" no longer finds the beginning.
    const line = cutToColumns(
      `${names.join(", ")}${more}: ${formatDuration(elapsedMs)}`,
      columns === null ? null : columns - 1,
    );
    io.err(`\r\u001b[K${line}`);
    shown = true;
  };
  const timer = silent || !io.errIsTerminal ? null : setInterval(draw, EVERY_MS);
  return {
    moving: (name, state) => void states.set(name, state),
    settled: (name) => {
      states.delete(name);
      clear();
    },
    end: () => {
      if (timer !== null) clearInterval(timer);
      clear();
    },
  };
}
