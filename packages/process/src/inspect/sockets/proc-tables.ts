import { addressBytes, addressText } from "../../socket/address.js";
import { socketState, unixType } from "./facts.js";
import type {
  InternetSocket,
  NetlinkSocket,
  PacketSocket,
  SocketFacts,
  SocketState,
  UnixSocket,
} from "./facts.js";

/** Called for each socket that has a descriptor. */
export type FoundSocket = (inode: number, socket: SocketFacts) => void;

/** The lines behind the first, which names the columns. Behind the last newline stands nothing, or a line that is cut. */
function rows(text: string): readonly string[] {
  return text.split("\n").slice(1, -1);
}

/** /proc/net/{tcp,udp,raw}{,6}. Of a listening socket it tells how many wait, not how many may. */
export function parseInternetTable(
  text: string,
  protocol: InternetSocket["protocol"],
  found: FoundSocket,
): void {
  for (const row of rows(text)) {
    const fields = row.trim().split(/\s+/);
    const inode = Number(fields[9]);
    const local = endOf(fields[1]);
    const remote = endOf(fields[2]);
    const queue = /^([0-9A-F]+):([0-9A-F]+)$/.exec(fields[4] ?? "");
    if (!(inode > 0) || local === null || remote === null || queue === null) continue;
    const state = socketState(Number.parseInt(fields[3] ?? "", 16));
    const sendBytes = Number.parseInt(queue[1] ?? "", 16);
    const receiveBytes = Number.parseInt(queue[2] ?? "", 16);
    found(inode, {
      family: fields[1]?.indexOf(":") === 8 ? "ipv4" : "ipv6",
      protocol,
      state,
      local,
      remote: remote.port === 0 ? null : remote,
      queue:
        state === "listen"
          ? { kind: "backlog", waiting: receiveBytes, limit: null }
          : { kind: "data", receiveBytes, sendBytes },
      uid: Number(fields[7]),
    });
  }
}

function endOf(field: string | undefined): InternetSocket["local"] | null {
  const match = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(field ?? "");
  return match === null
    ? null
    : {
        address: addressText(addressBytes(match[1] ?? "")),
        port: Number.parseInt(match[2] ?? "", 16),
      };
}

/** SO_ACCEPTCON in the flags. */
const ACCEPTING = 0x10000;
/** SS_CONNECTED of linux/net.h. */
const CONNECTED = 3;

/** /proc/net/unix. The name is the rest of the line and may hold blanks; queues and peers are not told. */
export function parseUnixTable(text: string, found: FoundSocket): void {
  for (const row of rows(text)) {
    const match =
      /^[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ ([0-9A-F]+) ([0-9A-F]+) ([0-9A-F]+) +(\d+)(?: (.*))?$/i.exec(
        row,
      );
    const inode = Number(match?.[4]);
    if (match === null || !(inode > 0)) continue;
    const listens = (Number.parseInt(match[1] ?? "", 16) & ACCEPTING) !== 0;
    const connected = Number.parseInt(match[3] ?? "", 16) === CONNECTED;
    const state: SocketState = listens ? "listen" : connected ? "established" : "close";
    const name = match[5] ?? "";
    const socket: UnixSocket = {
      family: "unix",
      protocol: unixType(Number.parseInt(match[2] ?? "", 16)),
      state,
      path: name === "" ? null : Buffer.from(name, "latin1").toString("utf8"),
      peerInode: null,
      queue: null,
    };
    found(inode, socket);
  }
}

/** /proc/net/netlink. */
export function parseNetlinkTable(text: string, found: FoundSocket): void {
  for (const row of rows(text)) {
    const fields = row.trim().split(/\s+/);
    const inode = Number(fields[9]);
    const socket: NetlinkSocket = {
      family: "netlink",
      protocol: Number(fields[1]),
      port: Number(fields[2]),
    };
    if (inode > 0 && socket.protocol >= 0 && socket.port >= 0) found(inode, socket);
  }
}

/** /proc/net/packet. */
export function parsePacketTable(text: string, found: FoundSocket): void {
  for (const row of rows(text)) {
    const fields = row.trim().split(/\s+/);
    const inode = Number(fields[8]);
    const socket: PacketSocket = {
      family: "packet",
      protocol: Number.parseInt(fields[3] ?? "", 16),
      interfaceIndex: Number(fields[4]),
    };
    if (inode > 0 && socket.protocol >= 0 && socket.interfaceIndex >= 0) found(inode, socket);
  }
}
