import { createReadStream, createWriteStream, existsSync } from "node:fs";
import type { Transform } from "node:stream";

import type { Compression } from "@supervise/model";

const fileMode = 0o640;
/** Large pieces: each costs the event loop two turns. */
const pieceBytes = 256 * 1024;
const endings = { gzip: ".gz", zstd: ".zst" } as const;

/** Behind the name of a file that is being compressed; such a one that was left by a death is of no use. */
export const unfinished = ".part";

/**
 * Compresses a file, in threads of the pool, and replaces it: at any moment there is the whole file or the whole compressed one, under its name. Rejects
 * where that was not possible, or at `signal`: then the file is as it was.
 */
export async function compressFile(
  path: string,
  compression: Compression,
  signal: AbortSignal,
): Promise<void> {
  // Loaded when there is something to compress: a start waits for none of it.
  const { rename, stat, unlink, utimes } = process.getBuiltinModule("node:fs/promises");
  const { pipeline } = process.getBuiltinModule("node:stream/promises");
  const to = `${path}${endings[compression]}`;
  if (!existsSync(to)) {
    const part = `${to}${unfinished}`;
    const { atime, mtime } = await stat(path);
    await pipeline(
      createReadStream(path, { highWaterMark: pieceBytes }),
      compressor(compression),
      createWriteStream(part, { mode: fileMode, flush: true }),
      { signal },
    );
    await utimes(part, atime, mtime);
    await rename(part, to);
  }
  await unlink(path);
}

function compressor(compression: Compression): Transform {
  const zlib = process.getBuiltinModule("node:zlib");
  if (compression === "gzip") return zlib.createGzip({ chunkSize: pieceBytes });
  const { createZstdCompress } = zlib as { readonly createZstdCompress?: () => Transform };
  if (createZstdCompress === undefined)
    throw new Error(`Node ${process.versions.node} has no zstd; 22.15 and later have it`);
  return createZstdCompress();
}
