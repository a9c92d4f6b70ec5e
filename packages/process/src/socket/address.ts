/** An address as people write it, from its bytes in network order: 4 of them or 16. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const groups: string[] = [];
  for (let index = 0; index < 16; index += 2) groups.push(view.readUInt16BE(index).toString(16));
  if (groups.slice(0, 5).every((group) => group === "0") && groups[5] === "ffff")
    return `::ffff:${bytes.subarray(12).join(".")}`;
  // The URL parser writes IPv6 in its canonical form (RFC 5952).
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}

/** Bytes in network order of an address of /proc/net: words of 32 bits, each in the byte order of the machine. */
export function addressBytes(hexadecimal: string): Buffer {
  const bytes = Buffer.from(hexadecimal, "hex");
  return littleEndian && bytes.length % 4 === 0 ? bytes.swap32() : bytes;
}

/** Of this machine: the kernel's numbers are in its order. */
export const littleEndian: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
