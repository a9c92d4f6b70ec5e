import { flagNames, signalsOf } from "../bit-names.js";
import type { DescriptorDetail, EpollWatch, InotifyWatch } from "./facts.js";
import type { FdInfo } from "./fdinfo.js";

/** "eventfd" of "anon_inode:[eventfd]", "inotify" of "anon_inode:inotify". */
export function anonymousDetail(target: string, info: FdInfo): DescriptorDetail {
  const name = target.slice("anon_inode:".length).replace(/^\[(.*)\]$/, "$1");
  switch (name) {
    case "eventfd":
      return {
        kind: "eventfd",
        // 64 bits in hexadecimal: more than a number holds.
        count: hexadecimal(info.value("eventfd-count")),
        semaphore: info.value("eventfd-semaphore") === "1",
      };
    case "timerfd":
      return timerDetail(info);
    case "eventpoll":
      return { kind: "epoll", watches: info.lines("tfd:").flatMap(epollWatch) };
    case "inotify":
      return { kind: "inotify", watches: info.lines("inotify ").flatMap(inotifyWatch) };
    case "fanotify":
      return {
        kind: "fanotify",
        marks: info.lines("fanotify ino:").length + info.lines("fanotify mnt").length,
      };
    case "signalfd":
      return { kind: "signalfd", signals: signalsOf(info.value("sigmask") ?? "") };
    case "pidfd": {
      const pid = Number(info.value("Pid"));
      return { kind: "pidfd", pid: pid > 0 ? pid : null };
    }
    default:
      return { kind: "anonymous", name };
  }
}

function hexadecimal(text: string | null): string {
  return text !== null && /^[0-9a-f]{1,16}$/.test(text) ? BigInt(`0x${text}`).toString() : "0";
}

/** CLOCK_* of linux/time.h by number. */
const CLOCKS: Readonly<Record<string, string>> = {
  "0": "CLOCK_REALTIME",
  "1": "CLOCK_MONOTONIC",
  "7": "CLOCK_BOOTTIME",
  "8": "CLOCK_REALTIME_ALARM",
  "9": "CLOCK_BOOTTIME_ALARM",
};

function timerDetail(info: FdInfo): DescriptorDetail {
  const clock = info.value("clockid") ?? "";
  return {
    kind: "timerfd",
    clock: CLOCKS[clock] ?? clock,
    intervalMs: timeOf(info.value("it_interval")),
    nextMs: timeOf(info.value("it_value")),
    ticks: Number(info.value("ticks") ?? 0),
  };
}

/** "(SECONDS, NANOSECONDS)" in ms; null for zero, which says that there is none. */
function timeOf(text: string | null): number | null {
  const match = /^\((\d+), (\d+)\)$/.exec(text ?? "");
  const ms = match === null ? 0 : Number(match[1]) * 1000 + Number(match[2]) / 1e6;
  return ms === 0 ? null : ms;
}

/** Bits of linux/eventpoll.h. */
const EPOLL_EVENTS = [
  ["EPOLLIN", 0x1],
  ["EPOLLPRI", 0x2],
  ["EPOLLOUT", 0x4],
  ["EPOLLERR", 0x8],
  ["EPOLLHUP", 0x10],
  ["EPOLLRDNORM", 0x40],
  ["EPOLLRDBAND", 0x80],
  ["EPOLLWRNORM", 0x100],
  ["EPOLLWRBAND", 0x200],
  ["EPOLLMSG", 0x400],
  ["EPOLLRDHUP", 0x2000],
  ["EPOLLEXCLUSIVE", 0x10000000],
  ["EPOLLWAKEUP", 0x20000000],
  ["EPOLLONESHOT", 0x40000000],
  ["EPOLLET", 0x80000000 | 0],
] as const;
/** EPOLLERR and EPOLLHUP are always watched. */
const ALWAYS = 0x18;

function epollWatch(line: string): readonly EpollWatch[] {
  const match = /^tfd: +(\d+) events: +([0-9a-f]+) /.exec(line);
  return match === null
    ? []
    : [
        {
          fd: Number(match[1]),
          events: flagNames(Number.parseInt(match[2] ?? "", 16) & ~ALWAYS, EPOLL_EVENTS),
        },
      ];
}

/** Bits of linux/inotify.h. */
const INOTIFY_EVENTS = [
  ["IN_ACCESS", 0x1],
  ["IN_MODIFY", 0x2],
  ["IN_ATTRIB", 0x4],
  ["IN_CLOSE_WRITE", 0x8],
  ["IN_CLOSE_NOWRITE", 0x10],
  ["IN_OPEN", 0x20],
  ["IN_MOVED_FROM", 0x40],
  ["IN_MOVED_TO", 0x80],
  ["IN_CREATE", 0x100],
  ["IN_DELETE", 0x200],
  ["IN_DELETE_SELF", 0x400],
  ["IN_MOVE_SELF", 0x800],
  ["IN_EXCL_UNLINK", 0x04000000],
  ["IN_ONESHOT", 0x80000000 | 0],
] as const;
const EVERY_EVENT = 0xfff;
/** FS_UNMOUNT, FS_Q_OVERFLOW, FS_IN_IGNORED and FS_EVENT_ON_CHILD: set by the kernel and not by who watches. */
const KERNEL_EVENTS = 0x2000 | 0x4000 | 0x8000 | 0x08000000;
/** dev_t of the kernel, as fdinfo shows it: the minor number has 20 bits. */
const MINOR_BITS = 20;

function inotifyWatch(line: string): readonly InotifyWatch[] {
  const match = /^inotify wd:([0-9a-f]+) ino:([0-9a-f]+) sdev:([0-9a-f]+) mask:([0-9a-f]+) /.exec(
    line,
  );
  if (match === null) return [];
  const [watch = 0, inode = 0, device = 0, mask = 0] = match
    .slice(1)
    .map((text) => Number.parseInt(text, 16));
  const events = mask & ~KERNEL_EVENTS;
  const all = (events & EVERY_EVENT) === EVERY_EVENT;
  return [
    {
      watch,
      inode,
      device: `${Math.floor(device / 2 ** MINOR_BITS)}:${device % 2 ** MINOR_BITS}`,
      events: all
        ? ["IN_ALL_EVENTS", ...flagNames(events & ~EVERY_EVENT, INOTIFY_EVENTS)]
        : flagNames(events, INOTIFY_EVENTS),
    },
  ];
}
