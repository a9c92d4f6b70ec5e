import { Writable } from "node:stream";
import { render, Text } from "ink";
import { createElement, type ReactElement } from "react";

/** How large the screen is; asked whenever something is drawn. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export interface Frames {
  /** Lays it out and hands the lines to `draw`, at once. */
  show(element: ReactElement): void;
  close(): void;
}

/** Takes what ink lays out. Ink itself writes nothing to the terminal: the rows of services go there too, and one alone may know what stands where. */
class FrameTaker extends Writable {
  readonly #size: () => ScreenSize;
  readonly #draw: (lines: readonly string[]) => void;

  constructor(size: () => ScreenSize, draw: (lines: readonly string[]) => void) {
    super({ decodeStrings: false });
    this.#size = size;
    this.#draw = draw;
  }

  get columns(): number {
    return this.#size().columns;
  }

  get rows(): number {
    return this.#size().rows;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.#draw(String(chunk).replace(/\n$/, "").split("\n"));
    done();
  }
}

/** Opens ink on lines instead of a terminal. */
export function openFrames(
  size: () => ScreenSize,
  draw: (lines: readonly string[]) => void,
): Frames {
  const stdout = new FrameTaker(size, draw) as unknown as NodeJS.WriteStream;
  const app = render(createElement(Text), {
    stdout,
    // Every frame is handed over whole.
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  return { show: (element) => app.rerender(element), close: () => app.unmount() };
}
