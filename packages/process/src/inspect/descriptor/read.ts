import type { Stats } from "node:fs";
import { EACCES, EPERM, known, unknown } from "../fact.js";
import type { Fact } from "../fact.js";
import { inodeOf } from "../inode.js";
import { placeOf } from "../program.js";
import type { SocketFacts } from "../sockets/facts.js";
import { ttyName } from "../../tty-name.js";
import type { ProcessView } from "../view.js";
import { anonymousDetail } from "./anonymous.js";
import type { Descriptor, DescriptorDetail } from "./facts.js";
import { accessOf, closesOnExec, openFlagNames, parseFdInfo } from "./fdinfo.js";
import type { FdInfo } from "./fdinfo.js";

/** In order of their numbers; who is at the other ends is not told yet. One that is closed meanwhile is left out. Needs the right to trace the process. */
export function readDescriptors(view: ProcessView): Fact<readonly Descriptor[]> {
  const names = view.names("fd");
  if (!names.known) return names;
  const found: Descriptor[] = [];
  for (const fd of names.value.map(Number).sort((one, other) => one - other)) {
    const descriptor = readDescriptor(view, fd);
    // Root may list the numbers of a process that has more rights than we have, and no more than these.
    if (descriptor === "forbidden") return unknown("forbidden");
    if (descriptor !== null) found.push(descriptor);
  }
  return known(found);
}

/** Null: it was closed meanwhile. */
function readDescriptor(view: ProcessView, fd: number): Descriptor | "forbidden" | null {
  const { source, pid } = view;
  const target = source.link(`${pid}/fd/${fd}`);
  if (target === EACCES || target === EPERM) return "forbidden";
  const text = source.text(`${pid}/fdinfo/${fd}`);
  const info = typeof text === "number" ? null : parseFdInfo(text);
  if (typeof target === "number" || info === null) return null;
  const locks = info.lines("lock:").map((line) => line.slice("lock:".length).trim());
  return {
    fd,
    access: accessOf(info.flags),
    closeOnExec: closesOnExec(info.flags),
    flags: openFlagNames(info.flags),
    offset: info.offset,
    target,
    locks,
    ...detailOf(view, fd, target, info),
  };
}

const MEMORY_FILE = "/memfd:";

function detailOf(view: ProcessView, fd: number, target: string, info: FdInfo): DescriptorDetail {
  if (target.startsWith("/")) return pathDetail(view, fd, target, info);
  if (target.startsWith("anon_inode:")) return anonymousDetail(target, info);
  const inode = inodeOf(target);
  if (inode !== null && target.startsWith("socket:"))
    return { kind: "socket", inode, socket: socketAt(view, fd, inode), ends: null };
  if (inode !== null && target.startsWith("pipe:")) return { kind: "pipe", inode, ends: null };
  if (inode !== null)
    return { kind: "namespace", name: target.slice(0, target.indexOf(":")), inode };
  return { kind: "anonymous", name: target };
}

function socketAt(view: ProcessView, fd: number, inode: number): SocketFacts {
  return view.sockets().find(inode) ?? { family: "other", protocol: protocolName(view, fd) };
}

const PROTOCOL_BYTES = Buffer.allocUnsafeSlow(64);

/** Sockets have their protocol's name as an attribute (sockfs of net/socket.c). */
function protocolName(view: ProcessView, fd: number): string | null {
  const { calls, root } = view.source;
  const path = `${root}/${view.pid}/fd/${fd}`;
  const count = calls.fileAttribute(path, "system.sockprotoname", PROTOCOL_BYTES);
  return count <= 0 ? null : PROTOCOL_BYTES.toString("latin1", 0, count).replace(/\0+$/, "");
}

function pathDetail(view: ProcessView, fd: number, target: string, info: FdInfo): DescriptorDetail {
  const link = `${view.pid}/fd/${fd}`;
  const stats = view.source.stat(link);
  if (target.startsWith(MEMORY_FILE))
    return {
      kind: "memfd",
      name: target.slice(MEMORY_FILE.length).replace(/ \(deleted\)$/, ""),
      sizeBytes: stats?.size ?? null,
    };
  if (stats?.isCharacterDevice() === true) return deviceDetail(view, target, stats, info);
  const place = placeOf(view.source, link, target);
  if (stats?.isBlockDevice() === true)
    return { kind: "device", type: "block", path: place.path, device: deviceNumbers(stats.rdev) };
  if (stats?.isDirectory() === true) return { kind: "directory", ...place };
  if (stats?.isFIFO() === true) return { kind: "fifo", ...place, inode: stats.ino, ends: null };
  return { kind: "file", ...place, sizeBytes: stats?.size ?? null };
}

/** Majors of Documentation/admin-guide/devices.txt: consoles and serial lines, /dev/tty and its like, and pseudoterminals. */
function isTerminal(major: number): boolean {
  return major === 4 || major === 5 || (major >= 136 && major <= 143) || major === 204;
}

function deviceDetail(
  view: ProcessView,
  path: string,
  stats: Stats,
  info: FdInfo,
): DescriptorDetail {
  const { major, minor } = splitDevice(stats.rdev);
  if (major === 5 && minor === 2) {
    const index = info.value("tty-index");
    return { kind: "pty", terminal: index === null ? null : `pts/${index}` };
  }
  if (!isTerminal(major))
    return { kind: "device", type: "character", path, device: `${major}:${minor}` };
  // /dev/tty is whatever terminal is the controlling one.
  const controlling =
    view.stat.ttyNr !== 0 && ((major === 5 && minor === 0) || stats.rdev === view.stat.ttyNr);
  return {
    kind: "terminal",
    terminal: major === 5 && minor === 0 ? ttyName(view.stat.ttyNr) : path.replace(/^\/dev\//, ""),
    foregroundGroup: controlling && view.stat.tpgid > 0 ? view.stat.tpgid : null,
  };
}

function deviceNumbers(device: number): string {
  const { major, minor } = splitDevice(device);
  return `${major}:${minor}`;
}

/** makedev(3) of glibc, as far as Linux uses it: 12 bits of major, 20 of minor number. */
function splitDevice(device: number): { readonly major: number; readonly minor: number } {
  return {
    major: (device >>> 8) & 0xfff,
    minor: (device & 0xff) | ((device >>> 12) & 0xfff00),
  };
}
