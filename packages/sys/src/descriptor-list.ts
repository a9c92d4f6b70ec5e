import type { Binding } from "./binding.js";
import type { ListedDescriptor, Result } from "./kernel.js";

/** `struct record` of native/descriptor_list.c, in bytes. */
const at = {
  size: 0,
  inode: 8,
  fd: 16,
  targetLength: 20,
  infoLength: 24,
  mode: 28,
  major: 32,
  minor: 36,
  text: 40,
} as const;
const ALIGNMENT = 8;
const ERANGE = -34;
const FIRST_BYTES = 64 * 1024;
/** More than a million descriptors need. */
const MOST_BYTES = 2 ** 30;

const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The buffer grows to what the process with the most descriptors needs, and is used again. */
export function createDescriptorList(
  native: Binding,
): (path: string) => readonly ListedDescriptor[] | Result {
  let buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  let view = new DataView(buffer.buffer);
  return (path) => {
    for (;;) {
      const used = native.descriptorList(path, buffer);
      if (used >= 0) return parseRecords(buffer, view, used);
      if (used !== ERANGE || buffer.length >= MOST_BYTES) return used;
      buffer = Buffer.allocUnsafeSlow(buffer.length * 4);
      view = new DataView(buffer.buffer);
    }
  };
}

function parseRecords(buffer: Buffer, view: DataView, used: number): readonly ListedDescriptor[] {
  const found: ListedDescriptor[] = [];
  for (let start = 0; start + at.text <= used;) {
    const number = (offset: number): number => view.getUint32(start + offset, little);
    const text = start + at.text;
    const info = text + number(at.targetLength);
    const end = info + number(at.infoLength);
    const mode = number(at.mode);
    found.push({
      fd: number(at.fd),
      target: buffer.toString("utf8", text, info),
      info: buffer.toString("latin1", info, end),
      file:
        mode === 0
          ? null
          : {
              mode,
              sizeBytes: view.getFloat64(start + at.size, little),
              inode: view.getFloat64(start + at.inode, little),
              major: number(at.major),
              minor: number(at.minor),
            },
    });
    start = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
  }
  return found;
}
