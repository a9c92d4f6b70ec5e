import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  writeSync,
} from "node:fs";

/** Where a kubelet looks, unless it was told of another place. */
const USUAL_PATH = "/dev/termination-log";

/** A kubelet reads no more, in bytes. */
const LONGEST = 4096;

/** `named`, or the usual place where that is there and we are what a kubelet started; empty: none. */
export function terminationLogPath(named: string | null, alone: boolean): string {
  if (named !== null) return named;
  return !alone && existsSync(USUAL_PATH) ? USUAL_PATH : "";
}

/**
 * Writes the reason of the end. The file may be a mount, which nothing can be renamed onto, so it is emptied and written in one call each. A device or
 * a FIFO in its place, which could hold us up for ever, is refused. Returns what went wrong, for people; null: nothing.
 */
export function writeTerminationLog(path: string, reason: string): string | null {
  const { O_WRONLY, O_CREAT, O_NOCTTY, O_NONBLOCK } = constants;
  try {
    const fd = openSync(path, O_WRONLY | O_CREAT | O_NOCTTY | O_NONBLOCK, 0o644);
    try {
      if (!fstatSync(fd).isFile())
        return `cannot write the termination log "${path}": it is no file`;
      ftruncateSync(fd);
      writeSync(fd, cut(reason), 0, null, 0);
      return null;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return `cannot write the termination log "${path}": ${code ?? message}`;
  }
}

/** At most so many bytes, and no character cut in two. */
function cut(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  let end = Math.min(bytes.length, LONGEST);
  // 10xxxxxx goes on with a character.
  while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}
