import type { Result } from "@supervise/sys";

/** What became of one message. */
export type SendOutcome =
  | { readonly kind: "sent" }
  /** There is no room now. `onReady` will be called; then the same message is to be sent again, for a part of it may be on its way. */
  | { readonly kind: "full" }
  /** Nobody is there to take it; a later try may find somebody. */
  | { readonly kind: "gone"; readonly errno: Result }
  /** This message can't be sent at all. */
  | { readonly kind: "refused"; readonly errno: Result };

/** Takes messages to where syslog listens, one at a time, without ever waiting. */
export interface Transport {
  send(bytes: Uint8Array): SendOutcome;
  /** Connects where it is not connected: 0 or the negative errno of why not. */
  open(): Result;
  /** Nothing waits any more: what watched for room ends its watch, which would hold the event loop open. */
  rest(): void;
  close(): void;
}

/** What a transport tells on its own account. */
export interface TransportEvents {
  /** After "full": there is room, or the end of it. */
  readonly onReady: () => void;
  /** A message that counted as sent was not delivered after all. */
  readonly onLost: (errno: Result) => void;
}
