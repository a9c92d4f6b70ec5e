import type { Transform } from "node:stream";

import type { OpenedFile } from "./opened-file.js";
import type { LogRow } from "./log-row.js";
import type { RowParser } from "./parse-row.js";
import { readAt } from "./row-blocks.js";

const newline = 10;
const chunkBytes = 256 * 1024;
/** After so much the event loop gets its turn: a signal is heard, a socket is read. */
const turnBytes = 4 * 1024 * 1024;

/** The bytes of a file from `start` on, uncompressed and in order, up to `end` (null: all that it held when it was opened). */
export async function* fileChunks(
  file: OpenedFile,
  start: number,
  end: number | null,
): AsyncGenerator<Buffer> {
  if (file.compression !== null) {
    yield* unpacked(file, start, end);
    return;
  }
  let sinceTurn = 0;
  for (const chunk of stored(file, start, Math.min(end ?? file.size, file.size))) {
    yield chunk;
    sinceTurn += chunk.length;
    if (sinceTurn < turnBytes) continue;
    sinceTurn = 0;
    await new Promise(setImmediate);
  }
}

/** The bytes as they are on disk. */
function* stored(file: OpenedFile, start: number, end: number): Generator<Buffer> {
  for (let at = start; at < end;) {
    const chunk = readAt(file.fd, at, Math.min(chunkBytes, end - at));
    // Somebody has cut the file.
    if (chunk.length === 0) return;
    yield chunk;
    at += chunk.length;
  }
}

async function* unpacked(
  file: OpenedFile,
  start: number,
  end: number | null,
): AsyncGenerator<Buffer> {
  const unpack = await decompressor(file);
  // Loaded here: the streams of Node take longer to load than a tail takes to read.
  const { Readable } = await import("node:stream");
  const source = Readable.from(stored(file, 0, file.size));
  source.once("error", (error) => unpack.destroy(error));
  source.pipe(unpack);
  let position = 0;
  try {
    for await (const value of unpack) {
      const chunk = value as Buffer;
      const from = Math.max(0, start - position);
      const to = end === null ? chunk.length : Math.min(chunk.length, end - position);
      position += chunk.length;
      if (from < to) yield chunk.subarray(from, to);
      if (end !== null && position >= end) return;
    }
  } finally {
    source.destroy();
    unpack.destroy();
  }
}

async function decompressor({ path, compression }: OpenedFile): Promise<Transform> {
  const zlib = await import("node:zlib");
  const options = { chunkSize: chunkBytes };
  if (compression === "gzip") return zlib.createGunzip(options);
  const create = (zlib as { readonly createZstdDecompress?: typeof zlib.createGunzip })
    .createZstdDecompress;
  if (create !== undefined) return create(options);
  throw new Error(
    `cannot read log file "${path}": Node ${process.versions.node} has no zstd; 22.15 and later have it`,
  );
}

/** What is behind the last newline of a file. */
export interface RowRest {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** Splits chunks into rows and reads them. One for each pass over a file. */
export class RowSplitter {
  readonly #parser: RowParser;
  #rest: Buffer[] = [];
  #restBytes = 0;
  #position: number;

  /** `position`: of the first byte of the first chunk in its file. */
  constructor(parser: RowParser, position: number) {
    this.#parser = parser;
    this.#position = position;
  }

  /** What is behind the last newline so far. */
  get rest(): RowRest {
    return { offset: this.#position - this.#restBytes, bytes: Buffer.concat(this.#rest) };
  }

  /** Calls `take` for each row that this chunk completes, with the offset of its first byte. */
  each(chunk: Buffer, take: (row: LogRow, offset: number) => void): void {
    let start = 0;
    const base = this.#position;
    this.#position += chunk.length;
    if (this.#restBytes > 0) {
      const first = chunk.indexOf(newline);
      if (first < 0) return this.#keep(chunk);
      const bytes = Buffer.concat([...this.#rest, chunk.subarray(0, first)]);
      take(this.#parser.parse(bytes, 0, bytes.length), base - this.#restBytes);
      this.#rest = [];
      this.#restBytes = 0;
      start = first + 1;
    }
    for (;;) {
      const stop = chunk.indexOf(newline, start);
      if (stop < 0) break;
      take(this.#parser.parse(chunk, start, stop), base + start);
      start = stop + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  #keep(bytes: Buffer): void {
    this.#rest.push(bytes);
    this.#restBytes += bytes.length;
  }
}
