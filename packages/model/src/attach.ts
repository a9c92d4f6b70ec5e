/**
 * Attaching to the output and input of a service, as `supervise attach` does.
 */
import type { ExitStatus } from "./state.js";

/** Of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface AttachQuery {
  /** A service that runs, and not a pattern. */
  readonly name: string;
  /** Of the terminal of whoever attaches; null: it has none, and has no say in the size. */
  readonly size: TerminalSize | null;
}

/** How an attachment came to its end, unless whoever attached left it. */
export type AttachEnd =
  /** The run is over; `text` says how, in words. */
  | {
      readonly kind: "ended";
      readonly run: number;
      readonly status: ExitStatus | null;
      readonly text: string;
    }
  /** The service goes on, but its output is no longer read: it has closed it, or the supervisor ends. */
  | { readonly kind: "closed" }
  /** Whoever attached did not take what came for too long, and was let go so that the service need not wait. */
  | { readonly kind: "slow" };

/** One who is attached to a run, as the supervisor serves it. */
export interface Attachment {
  /** Among all of this supervisor. */
  readonly id: number;
  readonly run: number;
  /** The service has a terminal. */
  readonly tty: boolean;
  /** `send` has somebody to send to. */
  readonly stdin: boolean;
  /** What the service writes from now on, byte for byte. To be iterated once; it ends after the run's last byte, or when the signal of the attachment is aborted. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Settles when all of it was taken by the terminal or pipe, or nobody takes it any more. It never rejects. */
  send(bytes: Uint8Array): Promise<void>;
  /** Once the output has ended; null: it was left. */
  readonly end: AttachEnd | null;
}

/** Thrown by a target: one cannot attach to that now ("not-attachable"), or the name is that of several services ("ambiguous"). */
export class NotAttachableError extends Error {
  readonly code: "not-attachable" | "ambiguous";
  readonly hint: string | null;

  constructor(
    name: string,
    why: string,
    hint: string | null,
    code: NotAttachableError["code"] = "not-attachable",
  ) {
    super(`cannot attach to service "${name}": ${why}`);
    this.name = "NotAttachableError";
    this.code = code;
    this.hint = hint;
  }
}
