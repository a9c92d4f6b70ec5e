import type { Proc } from "../proc.js";

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
  if (family !== 6) found.push(...parseTcp(proc.text("net/tcp") ?? "", 4, port));
  if (family !== 4) found.push(...parseTcp(proc.text("net/tcp6") ?? "", 6, port));
  return found;
}

/** Lines of /proc/net/tcp (proc_pid_net(5)). Listening sockets stand first, so that the many others are not looked at. */
export function parseTcp(text: string, family: 4 | 6, port: number | null): readonly Listener[] {
  const found: Listener[] = [];
  for (
    let start = text.indexOf("\n") + 1;
    start > 0 && start < text.length;
    start = text.indexOf("\n", start) + 1
  ) {
    const end = text.indexOf("\n", start);
    const fields = text
      .slice(start, end < 0 ? text.length : end)
      .trim()
      .split(/\s+/);
    if (fields[3] !== LISTEN) break;
    const local = fields[1] ?? "";
    const colon = local.lastIndexOf(":");
    const localPort = Number.parseInt(local.slice(colon + 1), 16);
    const inode = Number(fields[9]);
    if ((port === null || localPort === port) && inode > 0) {
      found.push({
        address: addressOf(local.slice(0, colon), family),
        family,
        port: localPort,
        inode,
        uid: Number(fields[7]),
      });
    }
    if (end < 0) break;
  }
  return found;
}

/** All listening Unix sockets. */
export function findUnixListeners(proc: Proc): readonly UnixListener[] {
  return parseUnix(proc.bytes("net/unix")?.toString("utf8") ?? "");
}

/** Lines of /proc/net/unix; the path is the rest of the line and may hold blanks. */
export function parseUnix(text: string): readonly UnixListener[] {
  const found: UnixListener[] = [];
  for (const line of text.split("\n")) {
    const match =
      /^[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ ([0-9A-F]+) [0-9A-F]+ [0-9A-F]+ +(\d+) (.+)$/i.exec(line);
    if (match === null || (Number.parseInt(match[1] ?? "", 16) & ACCEPTING) === 0) continue;
    found.push({ inode: Number(match[2]), path: match[3] ?? "" });
  }
  return found;
}

/** The address stands in words of 32 bits, each in the byte order of the machine. */
function addressOf(hexadecimal: string, family: 4 | 6): string {
  const bytes = Buffer.from(hexadecimal, "hex");
  if (littleEndian) bytes.swap32();
  if (family === 4) return bytes.join(".");
  const groups: string[] = [];
  for (let index = 0; index < 16; index += 2) groups.push(bytes.readUInt16BE(index).toString(16));
  if (groups.slice(0, 5).every((group) => group === "0") && groups[5] === "ffff")
    return `::ffff:${bytes.subarray(12).join(".")}`;
  // The URL parser writes IPv6 in its canonical form (RFC 5952).
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
