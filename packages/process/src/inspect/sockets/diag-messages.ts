import { addressText } from "../../socket/address.js";
import { attributesOf, putU32, u32 } from "./diag-dump.js";
import { socketState, unixType } from "./facts.js";
import type { InternetSocket, SocketQueue, UnixSocket } from "./facts.js";

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;

/** All but those that belong to no descriptor any more or not yet: TIME_WAIT (6), and connections that are not made yet (3, 12). */
const STATES = 0xfff & ~((1 << 6) | (1 << 3) | (1 << 12));
const INET_REQUEST_BYTES = 56;
const INET_MESSAGE_BYTES = 72;

/** struct inet_diag_req_v2 of linux/inet_diag.h. */
export function internetRequest(family: "ipv4" | "ipv6", protocol: number): Buffer {
  const request = Buffer.alloc(INET_REQUEST_BYTES);
  request[0] = family === "ipv4" ? AF_INET : AF_INET6;
  request[1] = protocol;
  putU32(request, 4, STATES);
  return request;
}

/** Inode of a struct inet_diag_msg; 0: it has no descriptor, or the message is none. */
export function internetInode(message: Buffer): number {
  return message.length < INET_MESSAGE_BYTES ? 0 : u32(message, 68);
}

/** struct inet_diag_msg: ports and addresses are in network order. */
export function parseInternet(message: Buffer, protocol: number): InternetSocket {
  const size = message[0] === AF_INET ? 4 : 16;
  const state = socketState(message[1] ?? 0);
  const end = (portAt: number, addressAt: number): InternetSocket["local"] => ({
    address: addressText(message.subarray(addressAt, addressAt + size)),
    port: message.readUInt16BE(portAt),
  });
  const receive = u32(message, 56);
  const send = u32(message, 60);
  const remote = end(6, 24);
  return {
    family: size === 4 ? "ipv4" : "ipv6",
    protocol: protocol === IPPROTO_TCP ? "tcp" : "udp",
    state,
    local: end(4, 8),
    remote: remote.port === 0 ? null : remote,
    queue:
      state === "listen"
        ? { kind: "backlog", waiting: receive, limit: send }
        : { kind: "data", receiveBytes: receive, sendBytes: send },
    uid: u32(message, 64),
  };
}

const UNIX_REQUEST_BYTES = 24;
const UNIX_MESSAGE_BYTES = 16;
/** UDIAG_SHOW_NAME, PEER and RQLEN of linux/unix_diag.h, and the attributes that they bring. */
const SHOWN = 0x01 | 0x04 | 0x10;
const NAME = 0;
const PEER = 2;
const QUEUE_LENGTHS = 4;

/** struct unix_diag_req. */
export function unixRequest(): Buffer {
  const request = Buffer.alloc(UNIX_REQUEST_BYTES);
  request[0] = AF_UNIX;
  putU32(request, 4, 0xffffffff);
  putU32(request, 12, SHOWN);
  return request;
}

export function unixInode(message: Buffer): number {
  return message.length < UNIX_MESSAGE_BYTES ? 0 : u32(message, 4);
}

/** struct unix_diag_msg and its attributes. */
export function parseUnixMessage(message: Buffer): UnixSocket {
  const attributes = attributesOf(message, UNIX_MESSAGE_BYTES);
  const state = socketState(message[2] ?? 0);
  const peer = attributes.get(PEER);
  return {
    family: "unix",
    protocol: unixType(message[1] ?? 0),
    state,
    path: unixName(attributes.get(NAME)),
    peerInode: peer === undefined || peer.length < 4 || u32(peer, 0) === 0 ? null : u32(peer, 0),
    queue: unixQueue(attributes.get(QUEUE_LENGTHS), state === "listen"),
  };
}

/** An abstract name begins with a NUL, and may hold more of them. */
function unixName(bytes: Buffer | undefined): string | null {
  if (bytes === undefined || bytes.length === 0) return null;
  if (bytes[0] === 0) return `@${bytes.subarray(1).toString("utf8").replaceAll("\0", "@")}`;
  const end = bytes.indexOf(0);
  return bytes.toString("utf8", 0, end < 0 ? bytes.length : end);
}

function unixQueue(bytes: Buffer | undefined, listens: boolean): SocketQueue | null {
  if (bytes === undefined || bytes.length < 8) return null;
  const [receive, send] = [u32(bytes, 0), u32(bytes, 4)];
  return listens
    ? { kind: "backlog", waiting: receive, limit: send }
    : { kind: "data", receiveBytes: receive, sendBytes: send };
}
