const replacement = 0xfffd;

/**
 * The text of bytes[start, end) in UTF-8. What is not UTF-8 becomes U+FFFD, one for each part that begins like a character (the Encoding Standard's
 * decoder); a byte order mark stays. Written here because this room has nothing of Node.
 */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let pending: number[] = [];
  let at = start;
  while (at < end) {
    const [codePoint, length] = nextCodePoint(bytes, at, end);
    pending.push(codePoint);
    at += length;
    // As arguments of one call; engines allow some ten thousand.
    if (pending.length === 4096) {
      text += String.fromCodePoint(...pending);
      pending = [];
    }
  }
  return text + String.fromCodePoint(...pending);
}

/** The character at `at`, or U+FFFD, and how many bytes it takes. */
function nextCodePoint(bytes: Uint8Array, at: number, end: number): readonly [number, number] {
  const lead = bytes[at] as number;
  if (lead < 0x80) return [lead, 1];
  const needed = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  if (needed === 0) return [replacement, 1];
  let codePoint = lead & (0x3f >> needed);
  for (let index = 1; index <= needed; index += 1) {
    const next = at + index < end ? (bytes[at + index] as number) : 0;
    const [low, high] = index === 1 ? secondByteRange(lead) : [0x80, 0xbf];
    if (next < low || next > high) return [replacement, index];
    codePoint = (codePoint << 6) | (next & 0x3f);
  }
  return [codePoint, needed + 1];
}

/** Narrower than 80 to BF where an overlong form, a surrogate or a number over 10FFFF would come out (RFC 3629, section 4). */
function secondByteRange(lead: number): readonly [number, number] {
  switch (lead) {
    case 0xe0:
      return [0xa0, 0xbf];
    case 0xed:
      return [0x80, 0x9f];
    case 0xf0:
      return [0x90, 0xbf];
    case 0xf4:
      return [0x80, 0x8f];
    default:
      return [0x80, 0xbf];
  }
}

/** How many of the first `most` bytes to keep so that no character is cut in two. */
export function utf8Prefix(bytes: Uint8Array, most: number): number {
  if (bytes.length <= most) return bytes.length;
  let length = most;
  while (length > 0 && ((bytes[length] as number) & 0xc0) === 0x80) length -= 1;
  return length;
}
