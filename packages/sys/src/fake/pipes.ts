const pipeCapacity = 65536;

const again = -11;
const brokenPipe = -32;

/** Bytes on their way, and how many descriptors stand at each end. */
export interface FakePipe {
  readonly chunks: Uint8Array[];
  size: number;
  capacity: number;
  readers: number;
  writers: number;
}

/** A pipe with no end opened yet. */
export function createPipe(capacity: number = pipeCapacity): FakePipe {
  return { chunks: [], size: 0, capacity, readers: 0, writers: 0 };
}

/** As read(2) on a non-blocking pipe: -EAGAIN while a writer is left, 0 at the end. */
export function readPipe(pipe: FakePipe, into: Uint8Array): number {
  if (pipe.size === 0) return pipe.writers > 0 ? again : 0;
  let done = 0;
  while (done < into.length) {
    const chunk = pipe.chunks.shift();
    if (chunk === undefined) break;
    const part = chunk.subarray(0, into.length - done);
    into.set(part, done);
    done += part.length;
    if (part.length < chunk.length) pipe.chunks.unshift(chunk.subarray(part.length));
  }
  pipe.size -= done;
  return done;
}

/** As write(2) on a non-blocking pipe: what fits, -EAGAIN where nothing does, -EPIPE without a reader. */
export function writePipe(pipe: FakePipe, data: Uint8Array): number {
  if (pipe.readers === 0) return brokenPipe;
  const part = data.slice(0, pipe.capacity - pipe.size);
  if (part.length === 0 && data.length > 0) return again;
  pipe.chunks.push(part);
  pipe.size += part.length;
  return part.length;
}
