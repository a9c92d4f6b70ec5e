/** One end of an internet socket. */
export interface SocketAddress {
  /** "127.0.0.1", "::1"; "0.0.0.0" and "::" are any. */
  readonly address: string;
  readonly port: number;
}

/** States of tcp(7) in the words of ss(8); a Unix socket that only was made is "close". */
export type SocketState =
  | "established"
  | "syn-sent"
  | "syn-received"
  | "fin-wait-1"
  | "fin-wait-2"
  | "time-wait"
  | "close"
  | "close-wait"
  | "last-ack"
  | "listen"
  | "closing";

/** What waits in a socket, in bytes; of a listening one, connections. */
export type SocketQueue =
  | { readonly kind: "data"; readonly receiveBytes: number; readonly sendBytes: number }
  | {
      readonly kind: "backlog";
      /** Connections that nobody has accepted yet. */
      readonly waiting: number;
      /** The most there may be, as listen(2) was told. Null: only to be known from within the socket's own network namespace. */
      readonly limit: number | null;
    };

export interface InternetSocket {
  readonly family: "ipv4" | "ipv6";
  readonly protocol: "tcp" | "udp" | "raw";
  readonly state: SocketState;
  readonly local: SocketAddress;
  /** Null: not connected. */
  readonly remote: SocketAddress | null;
  readonly queue: SocketQueue;
  /** User who made it. */
  readonly uid: number;
}

export interface UnixSocket {
  readonly family: "unix";
  readonly protocol: "stream" | "datagram" | "seqpacket";
  readonly state: SocketState;
  /** As it was bound; "@" begins an abstract name. Null: it has no name. */
  readonly path: string | null;
  /** Inode of the socket at the other end. Null: none, or only to be known from within its own network namespace. */
  readonly peerInode: number | null;
  /** Null: not told (see `limit`). */
  readonly queue: SocketQueue | null;
}

export interface NetlinkSocket {
  readonly family: "netlink";
  /** Number of the protocol, as in netlink(7). */
  readonly protocol: number;
  /** Its address: often the PID of who made it. */
  readonly port: number;
}

export interface PacketSocket {
  readonly family: "packet";
  /** EtherType that it takes; 3 is all. */
  readonly protocol: number;
  /** Number of the network interface; 0: all. */
  readonly interfaceIndex: number;
}

/** A socket that no table shows: of another family, or one that was made and neither bound nor connected. */
export interface OtherSocket {
  readonly family: "other";
  /** The kernel's name of its protocol, such as "TCP"; null: not told. */
  readonly protocol: string | null;
}

export type SocketFacts = InternetSocket | UnixSocket | NetlinkSocket | PacketSocket | OtherSocket;

/** Numbers of linux/net/tcp_states.h, from 1; the last is a half-open connection. */
const STATES: readonly SocketState[] = [
  "established",
  "syn-sent",
  "syn-received",
  "fin-wait-1",
  "fin-wait-2",
  "time-wait",
  "close",
  "close-wait",
  "last-ack",
  "listen",
  "closing",
  "syn-received",
];

export function socketState(number: number): SocketState {
  return STATES[number - 1] ?? "close";
}

export function unixType(number: number): UnixSocket["protocol"] {
  return number === 2 ? "datagram" : number === 5 ? "seqpacket" : "stream";
}
