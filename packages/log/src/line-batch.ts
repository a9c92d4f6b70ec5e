/** The service a line came from. */
export interface LineSource {
  readonly name: string;
  /** Unique for the life of the hub; small, so that a record can carry it. */
  readonly id: number;
}

/** 0: standard output, 1: standard error, 2: messages sent to the syslog socket. */
export type StreamNumber = 0 | 1 | 2;

/** The priority of lines that have none: those of pipes. */
export const noPriority = -1;

/**
 * Lines of one stream that arrived in one chunk and lie next to each other in memory. The object and its bytes are
 * reused: they are valid only during the call that hands them over, and a sink that keeps lines copies them.
 *
 * Line i is `bytes[start of i, ends[i])`, and the next line starts at `ends[i] + 1`: between them is the newline. The last
 * line is followed by its newline too, except where `partial` is set.
 */
export interface LineBatch {
  readonly source: LineSource;
  readonly run: number;
  readonly stream: StreamNumber;
  /** PRI of RFC 5424, facility * 8 + level, of all lines of the batch; `noPriority`: they have none. */
  readonly priority: number;
  /** Microseconds since the epoch, taken once per chunk. */
  readonly timeMicros: number;
  /** Number of the first line among all lines of the service; the others follow without a gap. */
  readonly firstSeq: number;
  /** Number of the first line among all lines of the hub. */
  readonly firstArrival: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly ends: Uint32Array;
  /** At least 1. */
  readonly count: number;
  /** The only line of the batch has no newline: a part of a very long line, or the last words of a run. */
  readonly partial: boolean;
  /** The first line of the batch goes on where the stream's last one, which was partial, stopped. */
  readonly continued: boolean;
}

/** A batch whose fields are set anew for each hand-over: none is allocated while lines flow. */
export type ReusedBatch = { -readonly [Field in keyof LineBatch]: LineBatch[Field] };

/** To be filled before it is handed over. */
export function emptyBatch(bytes: Buffer, ends: Uint32Array): ReusedBatch {
  return {
    source: { name: "", id: 0 },
    run: 0,
    stream: 0,
    priority: noPriority,
    timeMicros: 0,
    firstSeq: 0,
    firstArrival: 0,
    bytes,
    start: 0,
    ends,
    count: 0,
    partial: false,
    continued: false,
  };
}
