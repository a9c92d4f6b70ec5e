import { constants } from "node:fs";
import type { ListedDescriptor } from "@supervise/sys";
import { known } from "../fact.js";
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
  const listed = view.descriptorList();
  if (!listed.known) return listed;
  const found: Descriptor[] = [];
  for (const one of listed.value) {
    const info = parseFdInfo(one.info);
    if (info !== null) found.push(describe(view, one, info));
  }
  return known(found);
}

function describe(view: ProcessView, listed: ListedDescriptor, info: FdInfo): Descriptor {
  const locks = info.lines("lock:").map((line) => line.slice("lock:".length).trim());
  return {
    fd: listed.fd,
    access: accessOf(info.flags),
    closeOnExec: closesOnExec(info.flags),
    flags: openFlagNames(info.flags),
    offset: info.offset,
    target: listed.target,
    locks,
    ...detailOf(view, listed, info),
  };
}

const MEMORY_FILE = "/memfd:";

function detailOf(view: ProcessView, listed: ListedDescriptor, info: FdInfo): DescriptorDetail {
  const { fd, target } = listed;
  if (target.startsWith("/")) return pathDetail(view, listed, info);
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

function pathDetail(
  view: ProcessView,
  { fd, target, file }: ListedDescriptor,
  info: FdInfo,
): DescriptorDetail {
  const sizeBytes = file?.sizeBytes ?? null;
  if (target.startsWith(MEMORY_FILE)) {
    const name = target.slice(MEMORY_FILE.length).replace(/ \(deleted\)$/, "");
    return { kind: "memfd", name, sizeBytes };
  }
  const type = (file?.mode ?? 0) & constants.S_IFMT;
  if (file !== null && type === constants.S_IFCHR) return deviceDetail(view, target, file, info);
  const place = placeOf(view.source, `${view.pid}/fd/${fd}`, target);
  if (file !== null && type === constants.S_IFBLK)
    return { kind: "device", type: "block", path: place.path, device: deviceNumbers(file) };
  if (type === constants.S_IFDIR) return { kind: "directory", ...place };
  if (file !== null && type === constants.S_IFIFO)
    return { kind: "fifo", ...place, inode: file.inode, ends: null };
  return { kind: "file", ...place, sizeBytes };
}

/** Majors of Documentation/admin-guide/devices.txt: consoles and serial lines, /dev/tty and its like, and pseudoterminals. */
function isTerminal(major: number): boolean {
  return major === 4 || major === 5 || (major >= 136 && major <= 143) || major === 204;
}

interface DeviceNumbers {
  readonly major: number;
  readonly minor: number;
}

function deviceDetail(
  view: ProcessView,
  path: string,
  device: DeviceNumbers,
  info: FdInfo,
): DescriptorDetail {
  const { major, minor } = device;
  if (major === 5 && minor === 2) {
    const index = info.value("tty-index");
    return { kind: "pty", terminal: index === null ? null : `pts/${index}` };
  }
  if (!isTerminal(major))
    return { kind: "device", type: "character", path, device: deviceNumbers(device) };
  const { ttyNr, tpgid } = view.stat;
  // /dev/tty is whatever terminal is the controlling one.
  const own = major === 5 && minor === 0;
  const controlling = ttyNr !== 0 && (own || encoded(device) === ttyNr);
  return {
    kind: "terminal",
    terminal: own ? ttyName(ttyNr) : path.replace(/^\/dev\//, ""),
    foregroundGroup: controlling && tpgid > 0 ? tpgid : null,
  };
}

function deviceNumbers({ major, minor }: DeviceNumbers): string {
  return `${major}:${minor}`;
}

/** As /proc/PID/stat shows a device: new_encode_dev of linux/kdev_t.h. */
function encoded({ major, minor }: DeviceNumbers): number {
  return (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
}
