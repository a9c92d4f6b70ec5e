const escape = 0x1b;
const bell = 0x07;
const tab = 0x09;
const carriageReturn = 0x0d;
const space = 0x20;
const reset: Buffer = Buffer.from("\x1b[0m");

/**
 * What of a line may reach a terminal: text, tabs and colours (SGR). Everything else that moves the cursor, clears, sets titles or
 * asks the terminal for answers is taken out; a carriage return within the line becomes a space, as it would
 * otherwise write over the prefix. Colours end with the line. Returns null where nothing is to be changed.
 */
export function terminalText(bytes: Buffer, start: number, end: number): Buffer | null {
  let index = start;
  while (index < end && !isControl(bytes, index)) index += 1;
  if (index === end) return null;
  const safe = Buffer.allocUnsafe(end - start + reset.length);
  let used = bytes.copy(safe, 0, start, index);
  let coloured = false;
  while (index < end) {
    const byte = bytes[index] ?? 0;
    if (!isControl(bytes, index)) {
      // Bytes that taking something out has brought together must not make a new control.
      if (!(isBetween(byte, 0x80, 0x9f) && safe[used - 1] === 0xc2)) safe[used++] = byte;
      index += 1;
    } else if (byte === escape) {
      const after = sequenceEnd(bytes, index, end);
      if (isColour(bytes, index, after)) {
        used += bytes.copy(safe, used, index, after);
        coloured = true;
      }
      index = after;
    } else {
      if (byte === carriageReturn && index + 1 < end) safe[used++] = space;
      // The controls U+0080 to U+009F are two bytes in UTF-8.
      index += byte === 0xc2 ? 2 : 1;
    }
  }
  if (coloured) used += reset.copy(safe, used);
  return safe.subarray(0, used);
}

function isControl(bytes: Buffer, index: number): boolean {
  const byte = bytes[index] ?? 0;
  if (byte < space) return byte !== tab;
  if (byte !== 0xc2) return byte === 0x7f;
  const next = bytes[index + 1] ?? 0;
  return next >= 0x80 && next <= 0x9f;
}

/** End of the escape sequence (ECMA-48) that begins at `start`; of one that does not end, only the introducer is taken. */
function sequenceEnd(bytes: Buffer, start: number, end: number): number {
  const kind = String.fromCharCode(bytes[start + 1] ?? 0);
  const body = Math.min(start + 2, end);
  if (kind === "[") {
    let index = body;
    while (index < end && isBetween(bytes[index], 0x20, 0x3f)) index += 1;
    return index < end && isBetween(bytes[index], 0x40, 0x7e) ? index + 1 : index;
  }
  if ("]PX^_".includes(kind)) {
    for (let index = body; index < end; index += 1) {
      if (bytes[index] === bell) return index + 1;
      if (bytes[index] === escape && bytes[index + 1] === 0x5c && index + 1 < end) return index + 2;
    }
    return body;
  }
  let index = start + 1;
  while (index < end && isBetween(bytes[index], 0x20, 0x2f)) index += 1;
  return index < end && isBetween(bytes[index], 0x30, 0x7e) ? index + 1 : index;
}

/** `ESC [ digits ; : m` and nothing else: other bytes there mean something else to some terminals (`ESC [ > 4 m`). */
function isColour(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[start + 1] !== 0x5b || end - start < 3 || bytes[end - 1] !== 0x6d) return false;
  for (let index = start + 2; index < end - 1; index += 1)
    if (!isBetween(bytes[index], 0x30, 0x3b)) return false;
  return true;
}

function isBetween(byte: number | undefined, low: number, high: number): boolean {
  return byte !== undefined && byte >= low && byte <= high;
}
