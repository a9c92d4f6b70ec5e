import type { Descriptor, Ends, SocketFacts, SocketQueue } from "@supervise/process";
import { printable } from "@supervise/process";
import { formatBytes, hang } from "./inspect-amounts.js";

const ACCESS = { read: "r", write: "w", "read-write": "rw", path: "path" } as const;
const HEADING = "FD  MODE  EXEC   KIND       WHAT";

/** One row for each descriptor; a long one goes on below its own column. */
export function descriptorRows(descriptors: readonly Descriptor[], columns: number): string {
  const width = Math.max(2, ...descriptors.map(({ fd }) => String(fd).length));
  const rows = descriptors.map((descriptor) => {
    const { fd, access, closeOnExec, kind } = descriptor;
    const prefix = [
      ` ${String(fd).padStart(width)}`,
      ACCESS[access].padEnd(4),
      (closeOnExec ? "close" : "keep").padEnd(5),
      kind.padEnd(9),
    ].join("  ");
    return hang(`${prefix}  `, printable(describeDescriptor(descriptor)), columns);
  });
  return `${" ".repeat(width - 1)}${HEADING}\n${rows.join("")}`;
}

/** What it is, in words; its flags and locks at the end. */
export function describeDescriptor(descriptor: Descriptor): string {
  const { flags, locks } = descriptor;
  return [
    whatItIs(descriptor),
    ...(flags.length === 0 ? [] : [flags.join(" ")]),
    ...locks.map((lock) => `lock ${lock.replace(/^\d+: */, "").replaceAll(/ +/g, " ")}`),
  ].join(", ");
}

function whatItIs(descriptor: Descriptor): string {
  switch (descriptor.kind) {
    case "file":
      return [
        place(descriptor),
        ...(descriptor.sizeBytes === null ? [] : [formatBytes(descriptor.sizeBytes)]),
        ...(descriptor.offset === 0 ? [] : [`at byte ${descriptor.offset}`]),
      ].join(", ");
    case "directory":
      return place(descriptor);
    case "device":
      return `${descriptor.path} (${descriptor.type} ${descriptor.device})`;
    case "terminal":
      return descriptor.foregroundGroup === null
        ? descriptor.terminal
        : `${descriptor.terminal}, foreground group ${descriptor.foregroundGroup}`;
    case "pty":
      return descriptor.terminal === null ? "/dev/ptmx" : `controls ${descriptor.terminal}`;
    case "pipe":
      return `${descriptor.inode}${otherEnds(descriptor.ends)}`;
    case "fifo":
      return `${place(descriptor)}${otherEnds(descriptor.ends)}`;
    case "socket":
      return `${describeSocket(descriptor.socket)}${socketEnds(descriptor.socket, descriptor.ends)}`;
    case "eventfd":
      return `count ${descriptor.count}${descriptor.semaphore ? ", semaphore" : ""}`;
    case "timerfd":
      return timer(descriptor);
    case "epoll":
      return watching(descriptor.watches.map(({ fd, events }) => `fd ${fd} (${events.join(" ")})`));
    case "inotify":
      return watching(
        descriptor.watches.map(
          ({ inode, device, events }) => `inode ${inode} on ${device} (${events.join(" ")})`,
        ),
      );
    case "fanotify":
      return `${descriptor.marks} marks`;
    case "signalfd":
      return descriptor.signals.length === 0 ? "no signal" : descriptor.signals.join(" ");
    case "pidfd":
      return descriptor.pid === null ? "an ended process" : `process ${descriptor.pid}`;
    case "memfd":
      return descriptor.sizeBytes === null
        ? descriptor.name
        : `"${descriptor.name}", ${formatBytes(descriptor.sizeBytes)}`;
    case "namespace":
      return `${descriptor.name} ${descriptor.inode}`;
    case "anonymous":
      return descriptor.name;
  }
}

function place({ path, deleted }: { readonly path: string; readonly deleted: boolean }): string {
  return deleted ? `${path} (deleted)` : path;
}

function watching(what: readonly string[]): string {
  return what.length === 0 ? "watches nothing" : `watches ${what.join(", ")}`;
}

function timer(descriptor: Extract<Descriptor, { readonly kind: "timerfd" }>): string {
  const { clock, nextMs, intervalMs, ticks } = descriptor;
  return [
    clock,
    nextMs === null ? "not set" : `in ${Math.round(nextMs)} ms`,
    ...(intervalMs === null ? [] : [`every ${Math.round(intervalMs)} ms`]),
    ...(ticks === 0 ? [] : [`went off ${ticks === 1 ? "once" : `${ticks} times`}, unread`]),
  ].join(", ");
}

/** A list that is empty proves nothing: others' descriptors are hidden from all but root. */
function otherEnds(ends: Ends): string {
  if (ends === null) return "";
  if (ends.length === 0) return ", other end: nobody seen";
  return `, other end: ${ends.map(({ pid, fd }) => `pid ${pid} fd ${fd}`).join(", ")}`;
}

function socketEnds(socket: SocketFacts, ends: Ends): string {
  const connected = "state" in socket && socket.state !== "listen" && (ends?.length ?? 0) > 0;
  return connected ? otherEnds(ends) : "";
}

/** "tcp 127.0.0.1:80 listening, 0 of 128 waiting". */
export function describeSocket(socket: SocketFacts): string {
  switch (socket.family) {
    case "ipv4":
    case "ipv6": {
      const { protocol, local, remote, state } = socket;
      const ends = remote === null ? endText(local) : `${endText(local)} -> ${endText(remote)}`;
      const shown = protocol === "tcp" || state !== "close" ? ` ${stateText(state)}` : "";
      return `${protocol} ${ends}${shown}${queueText(socket.queue)}`;
    }
    case "unix":
      return [
        `unix ${socket.protocol}`,
        ...(socket.path === null ? [] : [socket.path]),
        `${stateText(socket.state)}${queueText(socket.queue)}`,
      ].join(" ");
    case "netlink":
      return `netlink, protocol ${socket.protocol}, port ${socket.port}`;
    case "packet":
      return `packet, protocol ${socket.protocol}, interface ${socket.interfaceIndex}`;
    case "other":
      return socket.protocol === null
        ? "of another family, or neither bound nor connected"
        : `${socket.protocol}, neither bound nor connected`;
  }
}

function stateText(state: string): string {
  return state === "listen" ? "listening" : state === "close" ? "unconnected" : state;
}

function endText({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function queueText(queue: SocketQueue | null): string {
  if (queue === null) return "";
  if (queue.kind === "backlog")
    return queue.limit === null
      ? `, ${queue.waiting} waiting`
      : `, ${queue.waiting} of ${queue.limit} waiting`;
  const parts = [
    ...(queue.receiveBytes === 0 ? [] : [`${formatBytes(queue.receiveBytes)} to read`]),
    ...(queue.sendBytes === 0 ? [] : [`${formatBytes(queue.sendBytes)} to send`]),
  ];
  return parts.length === 0 ? "" : `, ${parts.join(", ")}`;
}
