import { fstatSync } from "node:fs";

import { guarded } from "./file-problem.js";
import { FileSet } from "./file-set.js";
import type { OpenedFile } from "./opened-file.js";
import { RowParser } from "./parse-row.js";
import { readAt } from "./row-blocks.js";
import { RowSplitter } from "./row-chunks.js";
import type { RowRest } from "./row-chunks.js";
import { RowProof } from "./row-proof.js";
import type { LogProof } from "./row-proof.js";
import type { LogSource } from "./service-reading.js";

const newline = 10;
/** Turns of the event loop after which a last row without its newline is no longer taken for one in the writing. */
const looks = 200;

/**
 * Reads all files of a service and proves from the numbers of the lines that none is missing, double or torn. A file that cannot be read explains nothing: `onProblem` is told why, and the numbers in it are missing.
 * Throws where the current file cannot be opened.
 */
export async function verifyFiles(
  source: LogSource,
  onProblem: (message: string) => void,
): Promise<LogProof> {
  const set = guarded(source.path, () => FileSet.open(source.path, onProblem));
  try {
    const proof = new RowProof();
    const parser = new RowParser(source.service, source.form);
    for (const [index, { path, current }] of set.files.entries()) {
      const file = set.file(index);
      if (file === null) {
        if (!set.isTold(index)) proof.explain(`"${path}" was deleted while the files were read`);
        continue;
      }
      const splitter = new RowSplitter(parser, 0);
      for await (const chunk of set.chunks(index, 0, null))
        splitter.each(chunk, (row, offset) => proof.add(row, path, offset));
      const { rest } = splitter;
      if (rest.bytes.length === 0 || (current && (await isWritten(file, rest)))) continue;
      proof.addTorn(path, rest.offset);
    }
    return proof.result(source.service, set.files.length);
  } finally {
    set.close();
  }
}

/** Does the last row get its newline while it is looked at? */
async function isWritten(file: OpenedFile, { offset, bytes }: RowRest): Promise<boolean> {
  for (let left = looks; left > 0; left -= 1) {
    const { size } = fstatSync(file.fd);
    const from = offset + bytes.length;
    if (size > from && readAt(file.fd, from, size - from).includes(newline)) return true;
    await new Promise(setImmediate);
  }
  return false;
}
