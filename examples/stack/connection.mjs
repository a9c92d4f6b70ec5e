import { connect } from "node:net";

const TIMEOUT_MS = 3000;

/**
 * One connection for one conversation. `talk` gets `write` and `read`; `read(take)` waits until `take(bytes)` finds a whole message and
 * returns `{ value, used }` with the number of bytes it took.
 */
export async function converse(target, talk) {
  const socket = connect(target);
  socket.setTimeout(TIMEOUT_MS, () =>
    socket.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)),
  );
  let bytes = Buffer.alloc(0);
  const chunks = socket[Symbol.asyncIterator]();
  const read = async (take) => {
    for (;;) {
      const taken = take(bytes);
      if (taken) {
        bytes = bytes.subarray(taken.used);
        return taken.value;
      }
      const { value, done } = await chunks.next();
      if (done) throw new Error("the connection was closed");
      bytes = Buffer.concat([bytes, value]);
    }
  };
  try {
    return await talk({ write: (data) => socket.write(data), read });
  } finally {
    socket.destroy();
  }
}

/** For `read`: everything up to a line's end, without it. */
export function line(bytes) {
  const end = bytes.indexOf("\r\n");
  return end === -1 ? null : { value: bytes.toString("utf8", 0, end), used: end + 2 };
}

/** For `read`: so many bytes. */
export const exactly = (count) => (bytes) =>
  bytes.length < count ? null : { value: bytes.subarray(0, count), used: count };
