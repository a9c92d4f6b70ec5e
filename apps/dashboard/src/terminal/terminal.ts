import { PassThrough } from "node:stream";
import type { ReadStream, WriteStream } from "node:tty";
import createScreen from "blessed/lib/widgets/screen.js";
import type { Screen, ScreenOptions } from "blessed/lib/widgets/screen.js";
import type { Frame } from "../view/frame.js";
import { attributesOf, joinsEmoji, paletteOf } from "./attributes.js";
import { drawFrame } from "./draw-frame.js";
import { openLink } from "./link.js";
import { createInputDecoder } from "./input.js";
import type { Input } from "./input.js";

export interface TerminalOptions {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly environment: NodeJS.ProcessEnv;
  readonly unicode: boolean;
  readonly onInput: (input: Input) => void;
  readonly onResize: (width: number, height: number) => void;
  /** The terminal has gone. */
  readonly onGone: () => void;
}

/** A terminal that shows frames on its whole screen. */
export interface Terminal {
  readonly width: number;
  readonly height: number;
  /** Writes what differs from the frame before. While the terminal has not taken that one, only the newest that came meanwhile is kept. */
  draw(frame: Frame): void;
  /** The next frame is written whole: something else wrote to the terminal. */
  forget(): void;
  /** Puts a text on the clipboard of the person's own machine, also over ssh (OSC 52). */
  copy(text: string): void;
  /** Gives the terminal back as it was, for a while. Resolves once it has taken that. */
  leave(): Promise<void>;
  enter(): void;
  /** Gives it back for good; more than once does no harm. Resolves with whether the terminal took all within 2 s: over a link that stands still it does not. */
  close(): Promise<boolean>;
}

/** Presses and the wheel, in SGR form; and pasted text in brackets. What a terminal does not know it ignores. */
const MODES_ON = "\u001b[?1000h\u001b[?1006h\u001b[?2004h";
const MODES_OFF = "\u001b[?2004l\u001b[?1006l\u001b[?1000l";
/** So long the rest of a sequence may take before an ESC is a key, in milliseconds. */
const ESCAPE_MS = 40;
/** So long a terminal that is given back may take for it, in milliseconds. */
const CLOSE_MS = 2000;

/** Takes the terminal over: alternate screen, raw keys, mouse. Whoever opens it closes it, whatever happens in between. */
export function openTerminal(options: TerminalOptions): Terminal {
  const { input, output, environment, unicode } = options;
  const link = openLink(output);
  // Keys are decoded here, so blessed gets an input that says nothing.
  const screen = createQuietly({ input: new PassThrough(), output, forceUnicode: unicode });
  // Letters instead of lines is what tmux and screen show for its ACS sequences.
  screen.tput.brokenACS = true;
  screen.tput.unicode = unicode;
  const looks = {
    attributes: attributesOf(paletteOf(environment, screen.tput.colors)),
    joins: joinsEmoji(environment),
  };
  const simple = environment["TERM"] === "linux" || environment["TERM"]?.startsWith("vt") === true;
  const write = (text: string): void => {
    // What blessed still holds back comes first.
    screen.program.flush();
    output.write(text);
  };
  const restoreKeys = readKeys(options);
  let open = true;
  let away = false;
  const modes = (on: boolean): void => {
    if (!simple) write(on ? MODES_ON : MODES_OFF);
  };
  modes(true);
  screen.program.on("resize", () => {
    if (open && !away) options.onResize(sizeOf(output.columns, 80), sizeOf(output.rows, 24));
  });
  output.on("error", options.onGone);
  // Another has the screen meanwhile, and blessed would clear it when its size changes.
  const deaf = (): (() => void) => {
    const listeners = screen.program.listeners("resize") as (() => void)[];
    screen.program.removeAllListeners("resize");
    return () => {
      for (const one of listeners) screen.program.on("resize", one);
    };
  };
  let hearAgain = (): void => undefined;
  let newest: Frame | null = null;
  const drawNewest = (): void => {
    const frame = newest;
    newest = null;
    if (frame !== null && open && !away) drawFrame(screen, frame, looks);
  };
  const giveBack = (): void => {
    hearAgain = deaf();
    modes(false);
    if (screen.tput.strings["enter_ca_mode"] === undefined) screen.program.clear();
    screen.leave();
    screen.program.flush();
    input.setRawMode(false);
    // What is typed from here on is not for us.
    input.pause();
  };
  return {
    get width() {
      return sizeOf(output.columns, 80);
    },
    get height() {
      return sizeOf(output.rows, 24);
    },
    draw(frame) {
      const waits = newest !== null;
      newest = frame;
      if (link.idle) drawNewest();
      else if (!waits) void link.taken().then(drawNewest);
    },
    forget() {
      screen.alloc();
    },
    copy(text) {
      const code = Buffer.from(text).toString("base64");
      write(`\u001b]52;c;${code}\u0007`);
    },
    async leave() {
      if (!open || away) return;
      away = true;
      giveBack();
      await link.release();
    },
    enter() {
      if (!open || !away) return;
      away = false;
      link.resume();
      input.setRawMode(true);
      input.resume();
      hearAgain();
      screen.enter();
      modes(true);
      options.onResize(sizeOf(output.columns, 80), sizeOf(output.rows, 24));
    },
    async close() {
      if (!open) return true;
      open = false;
      try {
        if (!away) giveBack();
      } finally {
        restoreKeys();
        screen.destroy();
      }
      return link.close(CLOSE_MS);
    },
  };
}

/**
 * Descriptions with 32-bit numbers (term(5)), such as ncurses has of screen-256color, are misread by blessed: it writes the code that it could not
 * compile to stderr, so before the dashboard on the person's terminal, and goes on with its own description of an xterm, which does.
 */
function createQuietly(options: ScreenOptions): Screen {
  const { error } = console;
  console.error = () => undefined;
  try {
    return createScreen(options);
  } finally {
    console.error = error;
  }
}

function sizeOf(value: number, otherwise: number): number {
  return value > 0 ? value : otherwise;
}

/** Raw keys from the input. Returns what ends it. */
function readKeys({ input, onInput, onGone }: TerminalOptions): () => void {
  const decoder = createInputDecoder();
  let timer: NodeJS.Timeout | null = null;
  const flush = (): void => {
    timer = null;
    for (const one of decoder.flush()) onInput(one);
  };
  const onData = (text: string): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    for (const one of decoder.feed(text)) onInput(one);
    if (decoder.waits) timer = setTimeout(flush, ESCAPE_MS);
  };
  input.setRawMode(true);
  input.setEncoding("utf8");
  input.on("data", onData);
  // Who asked for a line before has paused it.
  input.resume();
  input.once("end", onGone);
  input.once("error", onGone);
  return () => {
    if (timer !== null) clearTimeout(timer);
    input.off("data", onData);
    input.off("end", onGone);
    input.pause();
  };
}
