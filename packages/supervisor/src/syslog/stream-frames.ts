/** Finds the messages in what one client sends over a stream. */
export interface StreamFrames {
  /** Calls for each message that these bytes complete; `data` is good until the call returns. `cut`: it was longer than the limit. */
  push(bytes: Uint8Array, take: TakeFrame): void;
  /** What stands there without an end is a message too. */
  end(take: TakeFrame): void;
}

export type TakeFrame = (data: Uint8Array, cut: boolean) => void;

const NEWLINE = 0x0a;
/** Digits of a length that is believed; more is text. */
const LENGTH_DIGITS = 7;

/**
 * Both ways of RFC 6587, told apart message by message as syslog daemons do: "LENGTH <PRI>..." has so many bytes; what begins otherwise ends with a NUL, as syslog(3) of
 * glibc has it, or with a newline. Never more than `most` bytes of a message are held, the rest of it is skipped.
 */
export function createStreamFrames(most: number): StreamFrames {
  let pending = Buffer.alloc(0);
  /** Bytes of a counted message that are still to be skipped. */
  let skipBytes = 0;
  let skipToEnd = false;

  const push = (bytes: Uint8Array, take: TakeFrame): void => {
    const buffer = pending.length === 0 ? Buffer.from(bytes) : Buffer.concat([pending, bytes]);
    let at = 0;
    while (at < buffer.length) {
      if (skipBytes > 0) {
        const skipped = Math.min(skipBytes, buffer.length - at);
        skipBytes -= skipped;
        at += skipped;
        continue;
      }
      const counted = skipToEnd ? null : countAt(buffer, at);
      if (counted === "more") break;
      if (counted !== null) {
        const size = Math.min(counted.length, most);
        if (buffer.length - counted.from < size) break;
        at = counted.from + size;
        skipBytes = counted.length - size;
        take(buffer.subarray(counted.from, at), skipBytes > 0);
        continue;
      }
      const end = endAt(buffer, at);
      const long = (end < 0 ? buffer.length : end) - at > most;
      if (end < 0 && !long && !skipToEnd) break;
      if (!skipToEnd && (long || end > at)) take(buffer.subarray(at, long ? at + most : end), long);
      skipToEnd = end < 0;
      at = end < 0 ? buffer.length : end + 1;
    }
    pending = Buffer.from(buffer.subarray(at));
  };

  return {
    push,
    end: (take) => {
      if (pending.length > 0) take(pending, false);
      pending = Buffer.alloc(0);
    },
  };
}

/** The first NUL or newline from here on; -1: none. */
function endAt(buffer: Buffer, at: number): number {
  const newline = buffer.indexOf(NEWLINE, at);
  const nul = buffer.indexOf(0, at);
  return newline < 0 || (nul >= 0 && nul < newline) ? nul : newline;
}

/** Null: no length stands here; "more": it may be one, when the rest has come. */
function countAt(
  buffer: Buffer,
  at: number,
): { readonly length: number; readonly from: number } | "more" | null {
  const text = buffer.toString("latin1", at, at + LENGTH_DIGITS + 2);
  const found = /^([1-9]\d{0,6})(?:$|( )(?:$|(<)))/.exec(text);
  if (found === null || (found[1] ?? "").length > LENGTH_DIGITS) return null;
  if (found[3] === undefined) return "more";
  return { length: Number(found[1]), from: at + (found[1] ?? "").length + 1 };
}
