import { lazily } from "../lazily.js";
import type { InspectSource } from "../source.js";
import { dumpSockets } from "./diag-dump.js";
import {
  internetInode,
  internetRequest,
  IPPROTO_TCP,
  IPPROTO_UDP,
  parseInternet,
  parseUnixMessage,
  unixInode,
  unixRequest,
} from "./diag-messages.js";
import type { InternetSocket, SocketFacts } from "./facts.js";
import {
  parseInternetTable,
  parseNetlinkTable,
  parsePacketTable,
  parseUnixTable,
} from "./proc-tables.js";

/** All sockets of one network namespace at one moment, by inode. */
export interface SocketTables {
  /** Null: in none of the tables. */
  find(inode: number): SocketFacts | null;
  /** Inodes of the sockets at the other end, where it is in this namespace too. */
  othersOf(inode: number): readonly number[];
}

type Entry = SocketFacts | (() => SocketFacts);

const DIAGNOSED = [
  { family: "ipv4", protocol: IPPROTO_TCP, table: "tcp" },
  { family: "ipv6", protocol: IPPROTO_TCP, table: "tcp6" },
  { family: "ipv4", protocol: IPPROTO_UDP, table: "udp" },
  { family: "ipv6", protocol: IPPROTO_UDP, table: "udp6" },
] as const;

/**
 * Of our own namespace sock_diag(7) tells more: how long a backlog may be, and the peers of Unix sockets. It answers only for the namespace that asks; of
 * another one, as of a kernel without it, what /proc/PID/net shows must do. `pid` is any process in the namespace.
 */
export function readSocketTables(source: InspectSource, pid: number, own: boolean): SocketTables {
  const entries = new Map<number, Entry>();
  const requests = own
    ? [...DIAGNOSED.map(({ family, protocol }) => internetRequest(family, protocol)), unixRequest()]
    : [];
  const answers = own ? dumpSockets(source.calls, requests) : [];
  const table = (name: string): string => {
    const text = source.text(`${pid}/net/${name}`);
    return typeof text === "number" ? "" : text;
  };
  const keep = (inode: number, socket: SocketFacts): void => void entries.set(inode, socket);
  DIAGNOSED.forEach(({ protocol, table: name }, index) => {
    const messages = answers[index] ?? null;
    if (messages === null)
      parseInternetTable(table(name), protocol === IPPROTO_TCP ? "tcp" : "udp", keep);
    else
      for (const message of messages) {
        const inode = internetInode(message);
        if (inode > 0) entries.set(inode, () => parseInternet(message, protocol));
      }
  });
  const unix = answers[DIAGNOSED.length] ?? null;
  if (unix === null) parseUnixTable(table("unix"), keep);
  else
    for (const message of unix) {
      const inode = unixInode(message);
      if (inode > 0) entries.set(inode, () => parseUnixMessage(message));
    }
  // Rare families: read only when a socket is in none of the others.
  let complete = false;
  const find = (inode: number): SocketFacts | null => {
    const entry = entries.get(inode);
    if (entry !== undefined) {
      const socket = typeof entry === "function" ? entry() : entry;
      if (socket !== entry) entries.set(inode, socket);
      return socket;
    }
    if (complete) return null;
    complete = true;
    parseInternetTable(table("raw"), "raw", keep);
    parseInternetTable(table("raw6"), "raw", keep);
    parseNetlinkTable(table("netlink"), keep);
    parsePacketTable(table("packet"), keep);
    return find(inode);
  };
  const connections = lazily(() => connectionsOf(entries, find));
  return {
    find,
    othersOf(inode) {
      const socket = find(inode);
      if (socket === null) return [];
      if (socket.family === "unix") return socket.peerInode === null ? [] : [socket.peerInode];
      if ((socket.family !== "ipv4" && socket.family !== "ipv6") || socket.remote === null)
        return [];
      return connections().get(connectionKey(socket, "remote first")) ?? [];
    },
  };
}

/** Connections of this machine with itself are found by their addresses, turned round. */
function connectionsOf(
  entries: ReadonlyMap<number, Entry>,
  find: (inode: number) => SocketFacts | null,
): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const inode of [...entries.keys()]) {
    const socket = find(inode);
    if (socket?.family !== "ipv4" && socket?.family !== "ipv6") continue;
    if (socket.remote === null) continue;
    const key = connectionKey(socket, "local first");
    const others = found.get(key);
    if (others === undefined) found.set(key, [inode]);
    else others.push(inode);
  }
  return found;
}

function connectionKey(socket: InternetSocket, order: "local first" | "remote first"): string {
  const ends = [socket.local, socket.remote].map((end) =>
    // An IPv6 socket shows its IPv4 peer as a mapped address.
    end === null ? "" : `${end.address.replace(/^::ffff:(?=\d+\.)/, "")} ${end.port}`,
  );
  return [socket.protocol, ...(order === "local first" ? ends : ends.toReversed())].join(" ");
}
