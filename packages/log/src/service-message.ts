import { maxLineBytes } from "./line-splitter.js";

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

/** Puts the places of the newlines into `ends` and returns how many lines there are; those of a cut message end with its bytes. */
export function endsOfLines({ bytes, cut }: ServiceMessage, ends: Uint32Array): number {
  if (bytes.length > maxLineBytes + 1)
    throw new RangeError(`internal error: a message of ${bytes.length} bytes is too long`);
  let count = 0;
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, end + 1)) {
    ends[count] = end;
    count += 1;
  }
  if (cut) {
    ends[count] = bytes.length;
    count += 1;
  }
  return count;
}
