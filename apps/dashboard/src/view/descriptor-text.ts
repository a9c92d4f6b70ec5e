import type { Descriptor, SocketFacts, SocketQueue } from "@supervise/process";
import { formatBytes } from "../text/quantity.js";

/** What a descriptor is, in a few words; the kind stands before it. */
export function descriptorText(one: Descriptor): string {
  switch (one.kind) {
    case "file":
      return `${one.path}${one.deleted ? " (deleted)" : ""}${one.sizeBytes === null ? "" : ` ${formatBytes(one.sizeBytes)}`}`;
    case "directory":
      return `${one.path}${one.deleted ? " (deleted)" : ""}`;
    case "device":
      return one.path;
    case "terminal":
      return `/dev/${one.terminal}`;
    case "pty":
      return one.terminal === null ? "master" : `master of ${one.terminal}`;
    case "pipe":
      return `${one.inode}`;
    case "fifo":
      return one.path;
    case "socket":
      return socketText(one.socket);
    case "eventfd":
      return `count ${one.count}${one.semaphore ? ", semaphore" : ""}`;
    case "timerfd":
      return `${one.clock}${one.nextMs === null ? ", not set" : `, in ${Math.round(one.nextMs)} ms`}${one.intervalMs === null ? "" : `, every ${Math.round(one.intervalMs)} ms`}`;
    case "epoll":
      return one.watches.length === 0
        ? "watches nothing"
        : `watches ${one.watches.map(({ fd }) => fd).join(" ")}`;
    case "inotify":
      return `${one.watches.length} watches`;
    case "fanotify":
      return `${one.marks} marks`;
    case "signalfd":
      return one.signals.join(" ");
    case "pidfd":
      return one.pid === null ? "of a process that has ended" : `of process ${one.pid}`;
    case "memfd":
      return `${one.name}${one.sizeBytes === null ? "" : ` ${formatBytes(one.sizeBytes)}`}`;
    case "namespace":
      return `${one.name} ${one.inode}`;
    case "anonymous":
      return one.name;
  }
}

function socketText(socket: SocketFacts): string {
  switch (socket.family) {
    case "ipv4":
    case "ipv6": {
      const name = ({
        address,
        port,
      }: {
        readonly address: string;
        readonly port: number;
      }): string => `${socket.family === "ipv6" ? `[${address}]` : address}:${port}`;
      const far = socket.remote === null ? "" : ` to ${name(socket.remote)}`;
      const state = socket.protocol === "tcp" ? ` ${socket.state}` : "";
      return `${socket.protocol} ${name(socket.local)}${far}${state}${queueText(socket.queue)}`;
    }
    case "unix":
      return `unix ${socket.protocol} ${socket.path ?? "(no name)"} ${socket.state}${socket.queue === null ? "" : queueText(socket.queue)}`;
    case "netlink":
      return `netlink protocol ${socket.protocol}`;
    case "packet":
      return `packet protocol ${socket.protocol}`;
    case "other":
      return socket.protocol ?? "of another family";
  }
}

function queueText(queue: SocketQueue): string {
  if (queue.kind === "backlog") return `, ${queue.waiting} of ${queue.limit ?? "?"} wait`;
  const { receiveBytes, sendBytes } = queue;
  if (receiveBytes === 0 && sendBytes === 0) return "";
  return `, ${receiveBytes} bytes in, ${sendBytes} bytes out`;
}

/** Who is at the other end of a pipe or a socket. */
export function endsText(one: Descriptor): string {
  if (!("ends" in one) || one.ends === null || one.ends.length === 0) return "";
  return ` <-> ${one.ends.map(({ pid, fd }) => `${pid}:${fd}`).join(" ")}`;
}
