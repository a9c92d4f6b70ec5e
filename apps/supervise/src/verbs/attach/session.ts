/**
 * One `supervise attach`, from the first byte to the terminal as it was before. A part of its own in the start-up image.
 */
import { writeSync } from "node:fs";
import { constants } from "node:os";
import type { AttachEnd, TerminalSize } from "@supervise/model";
import type { AttachedService } from "@supervise/control";
import type { Kernel } from "@supervise/sys";
import { DetachKeys } from "./detach-keys.js";
import { KeyboardInput } from "./keyboard-input.js";
import { TerminalModes } from "./terminal-modes.js";

export interface SessionPort {
  readonly kernel: Pick<Kernel, "rawTerminal" | "restoreTerminal">;
  readonly attach: (size: TerminalSize | null, signal: AbortSignal) => Promise<AttachedService>;
  readonly resize: (attachment: number, size: TerminalSize) => Promise<void>;
  /** The connection broke: settles with true once there is a supervisor again. */
  readonly back: (signal: AbortSignal) => Promise<boolean>;
  /** Told at the first attachment, before its output: what is typed from then on goes to the service as it is. */
  readonly attached: (service: AttachedService, interactive: boolean) => void;
  readonly stdin: boolean;
  readonly inIsTerminal: boolean;
  readonly outIsTerminal: boolean;
  /** The bytes that leave the service; null: no bytes do. */
  readonly detachKeys: Buffer | null;
  /** So long after the end of the input, and after the last output, it is left; null: never. */
  readonly idleMs: number | null;
}

/** How it came to its end. */
export type SessionEnd =
  | AttachEnd
  /** The keys were typed. */
  | { readonly kind: "left" }
  /** The input had ended, and nothing more was written. */
  | { readonly kind: "idle" }
  /** Nobody reads standard output. */
  | { readonly kind: "unread" }
  | { readonly kind: "signal"; readonly number: number };

const LEAVING = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** Throws `ControlError`: nobody is there, or has gone. Whatever happens, the terminal is then as it was before. */
export async function runSession(port: SessionPort): Promise<SessionEnd> {
  const abort = new AbortController();
  let end: SessionEnd | null = null;
  const leave = (how: SessionEnd): void => {
    end ??= how;
    abort.abort();
  };
  const undo: (() => void)[] = [];
  const on = (event: NodeJS.Signals, act: () => void): void => {
    process.on(event, act);
    undo.push(() => process.off(event, act));
  };
  for (const signal of LEAVING)
    on(signal, () => leave({ kind: "signal", number: constants.signals[signal] }));

  const modes = new TerminalModes();
  const input = new KeyboardInput(port.kernel, new DetachKeys(port.detachKeys ?? Buffer.alloc(0)), {
    left: () => leave({ kind: "left" }),
    ended: () => idle.inputEnded(),
  });
  const idle = idleClock(port.idleMs, () => leave({ kind: "idle" }));
  const restore = (): void => {
    input.release();
    const sequences = modes.undo();
    if (port.outIsTerminal && sequences !== "") writeAtOnce(sequences);
  };
  // Whatever ends this process but SIGKILL comes by here.
  process.once("exit", restore);
  undo.push(() => process.off("exit", restore), idle.stop);
  // A reader of our output that is gone: there is nothing left to be done.
  const unread = (): void => leave({ kind: "unread" });
  process.stdout.on("error", unread);
  undo.push(() => process.stdout.off("error", unread));

  const sizeNow = (): TerminalSize | null => {
    if (!port.outIsTerminal) return null;
    const [columns, rows] = process.stdout.getWindowSize();
    return columns > 0 && rows > 0 ? { columns, rows } : null;
  };
  let attachment: AttachedService | null = null;
  const resize = (): void => {
    const size = sizeNow();
    // One that is over is resized no more, which is no news.
    if (attachment !== null && size !== null)
      void port.resize(attachment.id, size).catch(() => undefined);
  };
  on("SIGWINCH", resize);
  // Stopped from outside and continued: the shell has set the terminal as it likes it.
  on("SIGCONT", () => {
    input.takeAgain();
    resize();
  });

  const show = async (service: AttachedService): Promise<AttachEnd | null> => {
    for await (const bytes of service.output) {
      if (port.outIsTerminal) modes.feed(bytes);
      idle.wrote();
      if (!process.stdout.write(bytes)) await drained(abort.signal);
      if (abort.signal.aborted) break;
    }
    return service.end();
  };

  try {
    for (;;) {
      const service = await port.attach(sizeNow(), abort.signal);
      if (attachment !== null && attachment.run !== service.run) return { kind: "closed" };
      const sends = port.stdin && service.stdin;
      const interactive = sends && port.inIsTerminal && service.tty;
      const isFirst = attachment === null;
      attachment = service;
      // The terminal is raw before anybody is told of keys: it keeps some of them to itself as long as it is not.
      if (sends) input.take(service, interactive);
      if (isFirst) port.attached(service, interactive);
      try {
        const ended = await show(service);
        if (ended !== null) leave(ended);
        return end ?? { kind: "closed" };
      } catch (error) {
        if (end !== null) return end;
        input.lost();
        if (!isLoss(error) || !(await port.back(abort.signal))) throw error;
      }
    }
  } catch (error) {
    if (end !== null) return end;
    throw error;
  } finally {
    abort.abort();
    restore();
    for (const one of undo.toReversed()) one();
  }
}

function isLoss(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "connection-lost";
}

/** Leaves some time after the input has ended and nothing was written any more. */
function idleClock(
  limitMs: number | null,
  leave: () => void,
): { readonly inputEnded: () => void; readonly wrote: () => void; readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    if (limitMs !== null) timer = setTimeout(leave, limitMs);
  };
  return {
    inputEnded: begin,
    wrote: () => void timer?.refresh(),
    stop: () => clearTimeout(timer),
  };
}

function drained(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      process.stdout.off("drain", settle);
      signal.removeEventListener("abort", settle);
      resolve();
    };
    process.stdout.once("drain", settle);
    signal.addEventListener("abort", settle, { once: true });
  });
}

/** Also while the process is ending. A terminal that is gone needs nothing. */
function writeAtOnce(text: string): void {
  try {
    writeSync(1, text);
  } catch {
    // Hung up.
  }
}
