import type { ReadStream } from "node:tty";
import type { ScreenKey } from "./screen-state.js";

/** The keys of the terminal, one by one. */
export interface Keyboard {
  /** Has the terminal as it was before. */
  release(): void;
  /** Takes it again after `release`. */
  take(): void;
}

const NAMED: Readonly<Record<string, ScreenKey>> = {
  "\x03": "ctrl+c",
  "\x1a": "ctrl+z",
  "\x1b[A": "up",
  "\x1bOA": "up",
  "\x1b[B": "down",
  "\x1bOB": "down",
};

/** Every key of what was read at once; sequences that are no key of ours are passed over. */
export function keysOf(text: string): readonly ScreenKey[] {
  // Escape sequences: ESC [ or ESC O, parameters, a final byte; a lone ESC; or one character.
  const found = text.match(/\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)|[^]/gu) ?? [];
  return found.map((one) => NAMED[one] ?? one);
}

/** Reads keys as they are typed (termios(3), raw mode), until `release`. */
export function openKeyboard(stdin: ReadStream, press: (key: ScreenKey) => void): Keyboard {
  const hear = (data: Buffer): void => {
    for (const key of keysOf(data.toString("utf8"))) press(key);
  };
  // A terminal that is hung up; SIGHUP tells that too.
  stdin.on("error", () => undefined);
  const keyboard: Keyboard = {
    release() {
      stdin.off("data", hear);
      stdin.pause();
      stdin.setRawMode(false);
    },
    take() {
      stdin.setRawMode(true);
      stdin.on("data", hear);
      stdin.resume();
    },
  };
  keyboard.take();
  return keyboard;
}
