import type { Channel } from "./channel.js";
import { maxLineBytes } from "./line-splitter.js";
import type { PipeOwner } from "./pipe-stream.js";

const newline = 10;

/** A syslog message on its way into the log of a service. */
export interface ServiceMessage {
  /** Number of the run that sent it. */
  readonly run: number;
  /** facility * 8 + level, 0 to 191. */
  readonly priority: number;
  /** Its lines, each with its newline; at most `maxLineBytes` and the last newline. Read only during the call. */
  readonly bytes: Buffer;
  /** It was longer than what is kept of it: the last line has no newline. */
  readonly cut: boolean;
}

/** How many lines it has, the rest of a cut one included. */
export function linesOf({ bytes, cut }: ServiceMessage): number {
  let count = cut ? 1 : 0;
  for (const byte of bytes) if (byte === newline) count += 1;
  return count;
}

/** Hands the lines of a message on, those with a newline in one batch and the rest of a cut one, which is partial, in another. */
export function handMessage(
  owner: Pick<PipeOwner, "ends" | "takeLines">,
  channel: Channel,
  { run, priority, bytes, cut }: ServiceMessage,
): void {
  if (bytes.length > maxLineBytes + 1)
    throw new RangeError(`internal error: a message of ${bytes.length} bytes is too long`);
  const origin = { channel, run, stream: 2, priority } as const;
  let count = 0;
  let start = 0;
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
    owner.ends[count] = end;
    count += 1;
    start = end + 1;
  }
  if (count > 0) owner.takeLines(origin, bytes, 0, count, false, false);
  if (!cut) return;
  owner.ends[0] = bytes.length;
  owner.takeLines(origin, bytes, start, 1, true, false);
}
