import type { Proc } from "../proc.js";
import { addressBytes, addressText } from "./address.js";

/** TCP_LISTEN of linux/net/tcp_states.h. */
const LISTEN = "0A";
/** `__SO_ACCEPTCON` in the flags of /proc/net/unix. */
const ACCEPTING = 0x10000;

/** A listening TCP socket of our network namespace. */
export interface Listener {
  /** As people write it: "127.0.0.1", "::1". */
  readonly address: string;
  readonly family: 4 | 6;
  readonly port: number;
  readonly inode: number;
  readonly uid: number;
}

/** A listening Unix socket. */
export interface UnixListener {
  /** As it was bound: relative to the directory that its maker was in, if it does not begin with "/"; "@" begins an abstract name. */
  readonly path: string;
  readonly inode: number;
}

/** Who listens on a port. Empty too where /proc/net cannot be read. */
export function findListeners(
  proc: Proc,
  port: number,
  family: 4 | 6 | null = null,
): readonly Listener[] {
  const found: Listener[] = [];
  if (family !== 6) found.push(...readTcp(proc, "net/tcp", 4, port));
  if (family !== 4) found.push(...readTcp(proc, "net/tcp6", 6, port));
  return found;
}

/** Enough for some hundred listening sockets, in bytes. */
const FIRST_PART_BYTES = 64 * 1024;

/** Listening sockets stand first, so that of a long table of connections only the beginning is read. */
function readTcp(proc: Proc, path: string, family: 4 | 6, port: number): readonly Listener[] {
  for (let limit = FIRST_PART_BYTES; ; limit *= 4) {
    const text = proc.text(path, limit) ?? "";
    const { listeners, ended } = parseTcp(text, family);
    if (ended || text.length < limit) return listeners.filter((listener) => listener.port === port);
  }
}

/** Lines of /proc/net/tcp (proc_pid_net(5)) up to the first socket that does not listen; with it the listening ones have ended. */
function parseTcp(
  text: string,
  family: 4 | 6,
): { readonly listeners: readonly Listener[]; readonly ended: boolean } {
  const listeners: Listener[] = [];
  const lines = text.split("\n");
  // The first line names the columns; after the last newline stands nothing, or a line that is cut.
  for (const line of lines.slice(1, -1)) {
    const fields = line.trim().split(/\s+/);
    if (fields[3] !== LISTEN) return { listeners, ended: true };
    const local = fields[1] ?? "";
    const colon = local.lastIndexOf(":");
    const inode = Number(fields[9]);
    if (!(inode > 0)) continue;
    const address = addressText(addressBytes(local.slice(0, colon)));
    const port = Number.parseInt(local.slice(colon + 1), 16);
    listeners.push({ address, family, port, inode, uid: Number(fields[7]) });
  }
  return { listeners, ended: false };
}

/** All listening Unix sockets. */
export function findUnixListeners(proc: Proc): readonly UnixListener[] {
  return parseUnix(proc.bytes("net/unix")?.toString("utf8") ?? "");
}

/** Lines of /proc/net/unix; the path is the rest of the line and may hold blanks. */
function parseUnix(text: string): readonly UnixListener[] {
  const found: UnixListener[] = [];
  for (const line of text.split("\n")) {
    const match =
      /^[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ ([0-9A-F]+) [0-9A-F]+ [0-9A-F]+ +(\d+) (.+)$/i.exec(line);
    if (match === null || (Number.parseInt(match[1] ?? "", 16) & ACCEPTING) === 0) continue;
    found.push({ inode: Number(match[2]), path: match[3] ?? "" });
  }
  return found;
}
