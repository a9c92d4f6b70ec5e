import { endianness } from "node:os";
import type { Kernel } from "./kernel.js";

/** The bits of inotify(7) that `watchPath` takes and that events bring, by name. */
export const notifyEvents = {
  modified: 0x2,
  attributes: 0x4,
  closedAfterWrite: 0x8,
  movedFrom: 0x40,
  movedTo: 0x80,
  created: 0x100,
  removed: 0x200,
  selfRemoved: 0x400,
  selfMoved: 0x800,
  /** Only in events: the file system is gone. */
  unmounted: 0x2000,
  /** Only in events: some were lost. Its `watch` is -1. */
  overflowed: 0x4000,
  /** Only in events: the watch is over. */
  ignored: 0x8000,
  /** Fail with ENOTDIR for anything but a directory. */
  onlyDirectory: 0x1000000,
  /** Watch a symbolic link itself. */
  notFollowed: 0x2000000,
  /** Where the inode has a watch already: these events besides those that it has. */
  added: 0x20000000,
} as const;

/** One event of inotify(7). */
export interface Notification {
  /** What `watchPath` answered. */
  readonly watch: number;
  readonly events: number;
  /** The same for both halves of one rename, 0 for what is none. */
  readonly cookie: number;
  /** Name in the watched directory; "" for the watched thing itself. Bytes that are not UTF-8 become U+FFFD. */
  readonly name: string;
}

/** Bytes before the name. */
const HEADER_BYTES = 16;
/** Enough for some hundred events; one event is at most 16 + 256 bytes. */
const BUFFER_BYTES = 16_384;

/** All events that wait in a descriptor of `Kernel.notifications`. */
export function readNotifications(
  kernel: Pick<Kernel, "read">,
  fd: number,
): readonly Notification[] {
  const buffer = Buffer.alloc(BUFFER_BYTES);
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  const little = endianness() === "LE";
  const found: Notification[] = [];
  for (;;) {
    const count = kernel.read(fd, buffer, 0, BUFFER_BYTES);
    if (count <= 0) return found;
    for (let at = 0; at + HEADER_BYTES <= count;) {
      const nameBytes = view.getUint32(at + 12, little);
      const name = buffer.toString("utf8", at + HEADER_BYTES, at + HEADER_BYTES + nameBytes);
      found.push({
        watch: view.getInt32(at, little),
        events: view.getUint32(at + 4, little),
        cookie: view.getUint32(at + 8, little),
        name: name.replace(/\0.*$/s, ""),
      });
      at += HEADER_BYTES + nameBytes;
    }
  }
}
