import type { IncomingMessage } from "node:http";
import type { Attachment, TerminalSize } from "@supervise/model";
import { ATTACHMENT, END, RUN, STDIN, TTY } from "./attach-headers.js";
import { badValue } from "./body.js";
import type { Answer } from "./routes.js";
import { RequestError } from "./request-error.js";
import type { ControlTarget } from "./target.js";

/** The kernel has 16 bits for each. */
const LARGEST = 65_535;

/** Attaches: the body of the request is what is typed, that of the answer what the service writes, both as they come. */
export async function attach(
  target: ControlTarget,
  name: string,
  size: TerminalSize | null,
  input: IncomingMessage,
  signal: AbortSignal,
): Promise<Answer> {
  const attachment = await target.attach({ name, size }, signal);
  void passOn(input, attachment);
  return {
    kind: "bytes",
    items: attachment.output,
    headers: {
      [ATTACHMENT]: String(attachment.id),
      [RUN]: String(attachment.run),
      [TTY]: String(attachment.tty),
      [STDIN]: String(attachment.stdin),
    },
    // Escaped, as a header holds ASCII only.
    trailers: () => ({
      [END]: JSON.stringify(attachment.end).replace(
        /[^ -~]/gu,
        (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
      ),
    }),
  };
}

/** No faster than the service takes it. What nobody takes is read and forgotten. */
async function passOn(input: IncomingMessage, attachment: Attachment): Promise<void> {
  try {
    for await (const bytes of input as AsyncIterable<Buffer>)
      if (attachment.stdin) await attachment.send(bytes);
  } catch {
    // The client went away, which its attachment is told by its signal.
  }
}

/** Changes the size of the terminal that somebody is attached from. */
export function resize(
  target: ControlTarget,
  name: string,
  attachment: number,
  size: TerminalSize,
): Answer {
  if (target.resizeTerminal(name, attachment, size))
    return { kind: "json", status: 200, value: { resized: true } };
  const message = `nobody of number ${attachment} is attached to service "${name}"`;
  throw new RequestError(409, "not-attached", message);
}

/** Throws `RequestError` where a number is missing or no size. */
export function sizeOf(columns: unknown, rows: unknown): TerminalSize {
  return { columns: whole("columns", columns), rows: whole("rows", rows) };
}

/** A number from 1 on. Throws `RequestError`. */
export function whole(name: string, value: unknown, largest: number = LARGEST): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= largest)
    return value;
  throw badValue(name, `a whole number from 1 to ${largest}`, value ?? undefined);
}
