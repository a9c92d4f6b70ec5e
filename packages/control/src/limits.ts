/** What one client may take of the supervisor. */
export interface ControlLimits {
  /** Connections at once; one more is answered 503. */
  readonly connections: number;
  /** Bytes of a request's body. */
  readonly bodyBytes: number;
  /** Bytes of a request's head. */
  readonly headBytes: number;
  /** From the first moment of a connection, or the end of its last answer's first byte, to a whole request, in milliseconds. */
  readonly requestMs: number;
  /** A reader of a stream that takes nothing for so long is cut, in milliseconds. */
  readonly stalledMs: number;
}

export const DEFAULT_LIMITS: ControlLimits = {
  connections: 128,
  bodyBytes: 1_048_576,
  headBytes: 16_384,
  requestMs: 10_000,
  stalledMs: 30_000,
};
