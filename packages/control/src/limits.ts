/** What clients may take of the supervisor. */
export interface ControlLimits {
  /** Connections at once; one more is answered 503. */
  readonly connections: number;
  /** Requests that may wait on one connection for the answers before theirs; one more ends the connection. */
  readonly pipelined: number;
  /** Bytes of a request's body; a longer one is answered 413. */
  readonly bodyBytes: number;
  /** Bytes of a request's head; a longer one is answered 431. */
  readonly headBytes: number;
  /** From the beginning of a connection, or the end of its last answer, to a whole request, in milliseconds; a slower one is answered 408. */
  readonly requestMs: number;
  /** A client that takes nothing of its answer for so long is cut, in milliseconds. */
  readonly stalledMs: number;
  /** From a refusal to the end of its connection, in milliseconds, for the client to read why. */
  readonly lingerMs: number;
  /**
   * So long the head of a stream waits for the first item, in milliseconds, so that an error in its place is an answer of its own. Then a client
   * that follows is told that it is heard.
   */
  readonly firstItemMs: number;
}

export const DEFAULT_LIMITS: ControlLimits = {
  connections: 128,
  pipelined: 16,
  bodyBytes: 1_048_576,
  headBytes: 16_384,
  requestMs: 10_000,
  stalledMs: 30_000,
  lingerMs: 1_000,
  firstItemMs: 50,
};
