/** A body of unknown length that grows by pieces, be they of one byte each: its room doubles, so that no byte is copied often. */
export interface ChunkedBody {
  readonly length: number;
  add(bytes: Buffer): void;
  /** What has come so far. */
  bytes(): Buffer;
}

const FIRST_BYTES = 1024;

export function createChunkedBody(): ChunkedBody {
  let room = Buffer.alloc(FIRST_BYTES);
  let length = 0;
  return {
    get length() {
      return length;
    },
    add(bytes) {
      if (length + bytes.length > room.length) {
        const larger = Buffer.alloc(2 * (length + bytes.length));
        room.copy(larger, 0, 0, length);
        room = larger;
      }
      bytes.copy(room, length);
      length += bytes.length;
    },
    bytes: () => room.subarray(0, length),
  };
}
