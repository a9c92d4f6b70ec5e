import type { SocketFacts } from "../sockets/facts.js";
import type { Access } from "./fdinfo.js";

/** A process that holds the other end of a pipe or a socket, and by which of its descriptors. */
export interface Holder {
  readonly pid: number;
  readonly fd: number;
  readonly access: Access;
}

/** Who is at the other end. Null: it was not asked for. */
export type Ends = readonly Holder[] | null;

export interface EpollWatch {
  readonly fd: number;
  /** "EPOLLIN" ... of epoll_ctl(2). */
  readonly events: readonly string[];
}

export interface InotifyWatch {
  /** Watch descriptor of inotify_add_watch(2). */
  readonly watch: number;
  readonly inode: number;
  /** "254:0": major and minor number of the file system's device. */
  readonly device: string;
  /** "IN_MODIFY" ... of inotify(7). */
  readonly events: readonly string[];
}

/** What a descriptor is. `path` is as the process sees it; `deleted`: that name is gone, or another file has it now. */
export type DescriptorDetail =
  | {
      readonly kind: "file";
      readonly path: string;
      readonly deleted: boolean;
      /** Null: not to be seen. */
      readonly sizeBytes: number | null;
    }
  | { readonly kind: "directory"; readonly path: string; readonly deleted: boolean }
  | {
      readonly kind: "device";
      readonly type: "character" | "block";
      readonly path: string;
      /** "1:3": major and minor number. */
      readonly device: string;
    }
  | {
      readonly kind: "terminal";
      /** Without "/dev/": "pts/3". */
      readonly terminal: string;
      /** Process group that its keys go to. Null: nobody's controlling terminal, as far as was looked. */
      readonly foregroundGroup: number | null;
    }
  /** The side of a pseudoterminal that a terminal program has. `terminal`: the other side; null: not told. */
  | { readonly kind: "pty"; readonly terminal: string | null }
  | { readonly kind: "pipe"; readonly inode: number; readonly ends: Ends }
  | {
      readonly kind: "fifo";
      readonly path: string;
      readonly deleted: boolean;
      readonly inode: number;
      readonly ends: Ends;
    }
  | {
      readonly kind: "socket";
      readonly inode: number;
      readonly socket: SocketFacts;
      readonly ends: Ends;
    }
  | { readonly kind: "eventfd"; readonly count: string; readonly semaphore: boolean }
  | {
      readonly kind: "timerfd";
      /** "CLOCK_MONOTONIC" ... */
      readonly clock: string;
      /** Null: it goes off once. */
      readonly intervalMs: number | null;
      /** Time until it goes off. Null: it is not set. */
      readonly nextMs: number | null;
      /** How often it went off since it was last read. */
      readonly ticks: number;
    }
  | { readonly kind: "epoll"; readonly watches: readonly EpollWatch[] }
  | { readonly kind: "inotify"; readonly watches: readonly InotifyWatch[] }
  | { readonly kind: "fanotify"; readonly marks: number }
  | { readonly kind: "signalfd"; readonly signals: readonly string[] }
  /** `pid` null: that process has ended and was collected, or is not seen from this namespace. */
  | { readonly kind: "pidfd"; readonly pid: number | null }
  | { readonly kind: "memfd"; readonly name: string; readonly sizeBytes: number | null }
  /** A namespace that is held open: "net", and its number. */
  | { readonly kind: "namespace"; readonly name: string; readonly inode: number }
  /** Another object of the kernel without a name in the file system: "io_uring", "bpf-map" ... */
  | { readonly kind: "anonymous"; readonly name: string };

export type DescriptorKind = DescriptorDetail["kind"];

/** One open descriptor. */
export type Descriptor = DescriptorDetail & {
  readonly fd: number;
  readonly access: Access;
  readonly closeOnExec: boolean;
  /** "O_APPEND" ... of open(2); without the mode of access, O_CLOEXEC and O_LARGEFILE. */
  readonly flags: readonly string[];
  /** Bytes from the beginning; 0 for what has no place to be at. */
  readonly offset: number;
  /** What /proc/PID/fd shows, unchanged. */
  readonly target: string;
  /** Locks of files that it holds, as proc_locks(5) writes them. */
  readonly locks: readonly string[];
};
