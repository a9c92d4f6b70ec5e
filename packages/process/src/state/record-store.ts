import { constants, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Kernel, Result } from "@supervise/sys";
import { errnoNameOf, errnoOf } from "../errno-text.js";
import { parseRecord } from "./service-record.js";
import type { ForgottenService, ServiceRecord } from "./service-record.js";

type JournalKernel = Pick<Kernel, "open" | "write" | "close" | "replaceFile">;

/** What was found in the journal of an earlier supervisor. */
export interface LoadedRecords {
  /** The last record of each service. */
  readonly records: ReadonlyMap<string, ServiceRecord>;
  /** Lines that are no records, by number (from 1); they are skipped. A torn last line is not among them: it is what a death leaves. */
  readonly skipped: readonly number[];
}

/**
 * The records of all services, as a journal: one line for each change, the last one of a service counts. One write(2) a change, so that what
 * was told survives our own death (not the machine's: processes do not survive that either). Rewritten when it has grown.
 */
export interface RecordStore {
  readonly path: string;
  readonly loaded: LoadedRecords;
  /** Several with one write. 0 or a negative errno. What could not be written is written with the next change of the service. */
  append(...records: readonly (ServiceRecord | ForgottenService)[]): Result;
  /** Leaves one line for each service, or for each of those that are to be kept. 0 or a negative errno. */
  compact(keep?: (record: ServiceRecord) => boolean): Result;
  /** The file stays. */
  close(): void;
}

/** Below this the journal is never rewritten, in bytes. */
const SMALL_BYTES = 256 * 1024;
/** Rewritten when it is so many times as large as it was after the last time. */
const GROWTH = 8;

/** Opens or makes the journal "records" in the runtime directory. An error value names the errno. */
export function openRecords(
  kernel: JournalKernel,
  directory: string,
): RecordStore | { readonly errno: string } {
  const path = join(directory, "records");
  const before = readJournal(path);
  if ("errno" in before) return before;
  const live = new Map<string, ServiceRecord>(before.loaded.records);
  let fd = openJournal(kernel, path);
  if (fd < 0) return { errno: errnoNameOf(fd) };
  let size = before.bytes;
  let compacted = 0;
  // After a torn line the next one begins on its own.
  let torn = before.torn;

  const compact = (keep: (record: ServiceRecord) => boolean = () => true): Result => {
    // As after an orderly end: a start need not write what is there already.
    if (size === 0) return 0;
    for (const [name, record] of live) if (!keep(record)) live.delete(name);
    const text = [...live.values()].map((record) => `${JSON.stringify(record)}\n`).join("");
    const replaced = kernel.replaceFile(path, text, 0o600);
    if (replaced < 0) return replaced;
    const opened = openJournal(kernel, path);
    if (opened < 0) return opened;
    kernel.close(fd);
    fd = opened;
    size = compacted = Buffer.byteLength(text);
    torn = false;
    return 0;
  };

  return {
    path,
    loaded: before.loaded,
    append: (...records) => {
      let text = torn ? "\n" : "";
      for (const record of records) {
        if ("forgotten" in record) live.delete(record.service);
        else live.set(record.service, record);
        text += `${JSON.stringify(record)}\n`;
      }
      const lines = Buffer.from(text);
      const written = kernel.write(fd, lines, 0, lines.length);
      if (written < 0) return written;
      size += written;
      torn = written < lines.length;
      // A short write is a full disk.
      if (torn) return -ENOSPC;
      return size > SMALL_BYTES && size > compacted * GROWTH ? compact() : 0;
    },
    compact,
    close: () => void kernel.close(fd),
  };
}

/** The last record of each service, without touching the journal; none where it can't be read. */
export function readRecords(directory: string): ReadonlyMap<string, ServiceRecord> {
  const journal = readJournal(join(directory, "records"));
  return "errno" in journal ? new Map() : journal.loaded.records;
}

const ENOSPC = 28;

function openJournal(kernel: JournalKernel, path: string): Result {
  return kernel.open(
    path,
    constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW,
    0o600,
  );
}

interface Journal {
  readonly loaded: LoadedRecords;
  readonly bytes: number;
  readonly torn: boolean;
}

function readJournal(path: string): Journal | { readonly errno: string } {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") return { errno: errnoOf(error) };
    text = "";
  }
  const records = new Map<string, ServiceRecord>();
  const skipped: number[] = [];
  const lines = text.split("\n");
  const last = lines.pop() ?? "";
  for (const [index, line] of lines.entries()) {
    if (line === "") continue;
    const record = parseRecord(line);
    if (record === null) skipped.push(index + 1);
    else if ("forgotten" in record) records.delete(record.service);
    else records.set(record.service, record);
  }
  return { loaded: { records, skipped }, bytes: Buffer.byteLength(text), torn: last !== "" };
}
