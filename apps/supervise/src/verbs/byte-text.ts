import { isUtf8 } from "node:buffer";

/** Lone surrogates, which no text has: each stands for the byte that is its last eight bits. */
const standIns: RegExp = /[\udc80-\udcff]+/u;
const firstStandIn = 0xdc00;
const longestCharacter = 4;

/** The bytes as text from which `bytesOf` gets each of them back: those that are not UTF-8 too. */
export function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = characterAt(bytes, at);
    text +=
      length === 0
        ? String.fromCharCode(firstStandIn + (bytes[at] ?? 0))
        : bytes.toString("utf8", at, at + length);
    at += Math.max(1, length);
  }
  return text;
}

/** The bytes of a text that holds what `textOf` made of some. */
export function bytesOf(text: string): string | Buffer {
  if (!standIns.test(text)) return text;
  const parts = text.split(/([\udc80-\udcff]+)/u);
  return Buffer.concat(
    parts.map((part, index) =>
      index % 2 === 0
        ? Buffer.from(part)
        : Buffer.from(Array.from(part, (each) => each.charCodeAt(0) - firstStandIn)),
    ),
  );
}

/** How many bytes the character there has; 0: it is none. */
function characterAt(bytes: Buffer, at: number): number {
  for (let length = 1; length <= longestCharacter && at + length <= bytes.length; length += 1)
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  return 0;
}
