import { isUtf8 } from "node:buffer";
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { UnreadableText } from "@supervise/config";

/** Of what has no size, such as a pipe, in bytes: `/dev/zero` has no end. */
const LONGEST_STREAM = 16 * 1_048_576;

/** Where a shell puts what it hands over: `-f <(generate)`, `-f /dev/stdin`. Its writer is there, so it ends. */
const HANDED_OVER = /^\/(?:dev|proc)\//;

/**
 * The text of a file of the configuration. Throws the system's error where it can't be opened, and `UnreadableText` where it is no text in UTF-8, which would
 * otherwise reach the services as something else than what is written; or where reading it would wait for ever or never end.
 */
export function readText(path: string): string {
  const stat = statSync(path);
  // By path: Node reads a text that way in one call.
  if (stat.isFile() || stat.isDirectory()) {
    const text = readFileSync(path, "utf8");
    return isPlain(text) ? text : checked(readFileSync(path));
  }
  // An open would wait for somebody who writes.
  if (stat.isFIFO() && !HANDED_OVER.test(path))
    throw new UnreadableText("it is a FIFO, not a file");
  return checked(readStream(path));
}

/** Nothing that is not UTF-8 has become part of it: the decoder puts U+FFFD there. */
function isPlain(text: string): boolean {
  return !text.includes("\uFFFD") && !text.includes("\0");
}

function checked(bytes: Buffer): string {
  if (isUtf8(bytes) && !bytes.includes(0)) return bytes.toString("utf8");
  const rows = bytes.toString("latin1").split("\n");
  const isNoText = (row: string): boolean =>
    row.includes("\0") || !isUtf8(Buffer.from(row, "latin1"));
  const index = rows.findIndex(isNoText);
  const what = rows[index]?.includes("\0") === true ? "holds a NUL byte" : "is not UTF-8";
  throw new UnreadableText(`line ${index + 1} ${what}`);
}

function readStream(path: string): Buffer {
  const fd = openSync(path, "r");
  try {
    const chunks: Buffer[] = [];
    for (let length = 0; length <= LONGEST_STREAM;) {
      const chunk = Buffer.allocUnsafe(65_536);
      const count = readSync(fd, chunk);
      if (count === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, count));
      length += count;
    }
  } finally {
    closeSync(fd);
  }
  throw new UnreadableText("it does not end within 16 MiB");
}
