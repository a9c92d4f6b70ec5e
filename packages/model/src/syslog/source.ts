import { decodeUtf8 } from "./utf8.js";

/** The bytes of a message and, for searching, the same as characters of one byte each: places are the same in both. */
export interface Source {
  readonly bytes: Uint8Array;
  readonly raw: string;
  readonly end: number;
  /** `raw` is the text already, as of nearly every message. */
  readonly ascii: boolean;
}

/** Arguments of one call; engines allow some ten thousand. */
const chunk = 4096;

/** Newlines and NULs at the end are a frame that the sender left on. */
export function sourceOf(bytes: Uint8Array): Source {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0 || bytes[end - 1] === 0x0a)) end -= 1;
  let raw = "";
  for (let at = 0; at < end; at += chunk)
    // The types want an array of numbers; any list of numbers will do.
    raw += Reflect.apply(String.fromCharCode, null, bytes.subarray(at, Math.min(end, at + chunk)));
  let all = 0;
  for (let at = 0; at < end; at += 1) all |= bytes[at] as number;
  return { bytes, raw, end, ascii: all < 0x80 };
}

/** The text from one place to another. */
export function textOf(source: Source, start: number, end: number): string {
  return source.ascii ? source.raw.slice(start, end) : decodeUtf8(source.bytes, start, end);
}
