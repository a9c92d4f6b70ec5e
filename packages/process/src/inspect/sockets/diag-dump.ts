import { littleEndian } from "../../socket/address.js";
import type { InspectCalls } from "../source.js";

/** Numbers of linux/netlink.h and linux/sock_diag.h (sock_diag(7)). */
const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const REQUEST_AND_DUMP = 0x301;
const HEADER_BYTES = 16;
const LENGTH_AT = 0;
const TYPE_AT = 4;
const FLAGS_AT = 6;
/** More than the kernel puts into one message. */
const RECEIVE_BYTES = 256 * 1024;

/** Numbers of netlink are in the byte order of the machine. */
export function u16(bytes: Buffer, at: number): number {
  return littleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
}

export function u32(bytes: Buffer, at: number): number {
  return littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
}

export function putU32(bytes: Buffer, at: number, value: number): void {
  if (littleEndian) bytes.writeUInt32LE(value, at);
  else bytes.writeUInt32BE(value, at);
}

function putU16(bytes: Buffer, at: number, value: number): void {
  if (littleEndian) bytes.writeUInt16LE(value, at);
  else bytes.writeUInt16BE(value, at);
}

/** Sends requests to sock_diag(7) and returns their answers, one list for each; null for one that was refused (no module for this family). */
export function dumpSockets(
  calls: InspectCalls,
  requests: readonly Buffer[],
): readonly (readonly Buffer[] | null)[] {
  const fd = calls.netlinkSocket(NETLINK_SOCK_DIAG);
  if (fd < 0) return requests.map(() => null);
  try {
    const room = Buffer.allocUnsafeSlow(RECEIVE_BYTES);
    return requests.map((request) => dump(calls, fd, request, room));
  } finally {
    calls.close(fd);
  }
}

/** The kernel makes each part of the answer while it is asked for, so that no read waits. */
function dump(
  calls: InspectCalls,
  fd: number,
  request: Buffer,
  room: Buffer,
): readonly Buffer[] | null {
  const message = Buffer.alloc(HEADER_BYTES + request.length);
  putU32(message, LENGTH_AT, message.length);
  putU16(message, TYPE_AT, SOCK_DIAG_BY_FAMILY);
  putU16(message, FLAGS_AT, REQUEST_AND_DUMP);
  message.set(request, HEADER_BYTES);
  if (calls.write(fd, message, 0, message.length) < 0) return null;
  const parts: Buffer[] = [];
  for (;;) {
    const count = calls.read(fd, room, 0, room.length);
    if (count <= 0) return null;
    const { payloads, end } = splitMessages(Buffer.from(room.subarray(0, count)));
    if (end === "refused") return null;
    parts.push(...payloads);
    if (end === "done") return parts;
  }
}

/** Messages of one datagram. What is cut short ends it. */
export function splitMessages(bytes: Buffer): {
  readonly payloads: readonly Buffer[];
  readonly end: "more" | "done" | "refused";
} {
  const payloads: Buffer[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const length = u32(bytes, at + LENGTH_AT);
    if (length < HEADER_BYTES || at + length > bytes.length) break;
    const type = u16(bytes, at + TYPE_AT);
    if (type === NLMSG_DONE) return { payloads, end: "done" };
    if (type === NLMSG_ERROR) return { payloads, end: "refused" };
    payloads.push(bytes.subarray(at + HEADER_BYTES, at + length));
    at += (length + 3) & ~3;
  }
  return { payloads, end: "more" };
}

/** Attributes behind the fixed part of a message: type -> bytes. */
export function attributesOf(payload: Buffer, from: number): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = from; at + 4 <= payload.length;) {
    const length = u16(payload, at);
    if (length < 4 || at + length > payload.length) break;
    found.set(u16(payload, at + 2), payload.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return found;
}
