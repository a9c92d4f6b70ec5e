/** What became of one message. `errno` is negative. */
export type SendOutcome =
  | { readonly kind: "sent" }
  /** There is no room now: `onReady` will be called, and the same message is then to be sent again, for a part of it may be on its way. */
  | { readonly kind: "full" }
  /** Nobody is there to take it; a later try may find somebody. */
  | { readonly kind: "gone"; readonly errno: number }
  /** This message can't be sent at all. */
  | { readonly kind: "refused"; readonly errno: number };

/** Takes messages to where a syslog daemon listens, one at a time, and never waits. Opens nothing before the first. */
export interface SyslogTransport {
  send(bytes: Buffer): SendOutcome;
  /** Nothing waits any more. */
  close(): void;
}

export interface TransportEvents {
  /** After "full": there is room, or the end of it. */
  readonly onReady: () => void;
  /** A message that counted as sent was not delivered, as far as the network tells. */
  readonly onLost: (errno: number) => void;
}
