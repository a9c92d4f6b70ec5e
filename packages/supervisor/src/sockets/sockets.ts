import { chmodSync, lstatSync } from "node:fs";
import { describeSocket, type ServiceSpec, type SocketSpec } from "@supervise/model";
import type { Keeper } from "@supervise/process";
import { errnoName, errnoText, type Kernel } from "@supervise/sys";
import { bindSocket, type BindCalls } from "./bind-socket.js";

/** What a run is handed, or why it can't be. */
export type RunSockets =
  /** Ours; the first becomes the child's descriptor 3. `environment` is without LISTEN_PID, which only the child knows. */
  | {
      readonly kind: "bound";
      readonly descriptors: readonly number[];
      readonly environment: readonly string[];
    }
  | { readonly kind: "failure"; readonly stage: string; readonly errno: string };

/** The listening sockets of all services. They live as long as the configuration names them, whatever becomes of the services. */
export interface Sockets {
  /** Binds what these specs name and keeps what is bound already; what they don't name is closed. What can't be bound yet is tried again by each run. */
  configure(specs: readonly ServiceSpec[]): void;
  forRun(spec: ServiceSpec): RunSockets;
  /** Closes all, and removes the files of Unix sockets. */
  close(): void;
}

export interface SocketsPort {
  readonly kernel: BindCalls & Pick<Kernel, "setBacklog">;
  /** Null: a socket lives only as long as we, and the services that have it. */
  readonly keeper: Pick<Keeper, "take" | "left" | "deposit" | "withdraw"> | null;
}

interface Bound {
  readonly fd: number;
  readonly deposit: string;
  readonly spec: SocketSpec;
  /** Of the file of a Unix socket: another may have its name by now. */
  readonly inode: number | null;
}

const NONE: RunSockets = { kind: "bound", descriptors: [], environment: [] };
const DEPOSIT = "socket/";
/** Longest name of a deposit, in bytes (protocol.h of the init). */
const LONGEST_NAME = 63;

export function createSockets({ kernel, keeper }: SocketsPort): Sockets {
  const bound = new Map<string, Bound>();

  /** A negative errno where it can't be bound. */
  function hold(spec: SocketSpec): number {
    const place = describeSocket(spec);
    const known = bound.get(place);
    if (known !== undefined) {
      adjust(known, spec);
      return known.fd;
    }
    const deposit = depositOf(place);
    const [left = -1] = keeper?.take(deposit) ?? [];
    const fd = left >= 0 ? left : bindSocket(kernel, spec);
    if (fd < 0) return fd;
    bound.set(place, { fd, deposit, spec, inode: inodeOf(spec) });
    if (left < 0) keeper?.deposit(deposit, [fd]);
    return fd;
  }

  /** What of a bound socket can change without its being bound anew. */
  function adjust(known: Bound, spec: SocketSpec): void {
    const was = known.spec;
    bound.set(describeSocket(spec), { ...known, spec });
    if (was.backlog !== spec.backlog) kernel.setBacklog(known.fd, spec.backlog);
    if (was.address.kind !== "unix" || spec.address.kind !== "unix") return;
    if (was.address.mode !== spec.address.mode && inodeOf(spec) === known.inode)
      chmodSync(spec.address.path, spec.address.mode);
  }

  function drop(place: string, { fd, deposit, spec, inode }: Bound): void {
    bound.delete(place);
    keeper?.withdraw(deposit);
    kernel.close(fd);
    if (spec.address.kind === "unix" && inodeOf(spec) === inode) kernel.unlink(spec.address.path);
  }

  /** Of a supervisor before us, whose configuration named more. */
  function dropLeft(): void {
    for (const name of keeper?.left() ?? []) {
      if (!name.startsWith(DEPOSIT)) continue;
      for (const fd of keeper?.take(name) ?? []) kernel.close(fd);
      keeper?.withdraw(name);
    }
  }

  return {
    configure(specs) {
      const wanted = new Map(
        specs.flatMap(({ sockets }) => sockets.map((spec) => [describeSocket(spec), spec])),
      );
      for (const [place, one] of [...bound]) if (!wanted.has(place)) drop(place, one);
      for (const spec of wanted.values()) hold(spec);
      dropLeft();
    },
    forRun({ sockets }) {
      if (sockets.length === 0) return NONE;
      const descriptors: number[] = [];
      for (const spec of sockets) {
        const fd = hold(spec);
        if (fd < 0)
          return {
            kind: "failure",
            stage: `binding socket "${spec.name}" to ${describeSocket(spec)}: ${errnoText(fd)}`,
            errno: errnoName(fd),
          };
        descriptors.push(fd);
      }
      const names = sockets.map(({ name }) => name).join(":");
      return {
        kind: "bound",
        descriptors,
        environment: [`LISTEN_FDS=${descriptors.length}`, `LISTEN_FDNAMES=${names}`],
      };
    },
    close() {
      for (const [place, one] of [...bound]) drop(place, one);
    },
  };
}

function inodeOf({ address }: SocketSpec): number | null {
  if (address.kind === "tcp") return null;
  return lstatSync(address.path, { throwIfNoEntry: false })?.ino ?? null;
}

/** A name that fits: of a long path its hash (FNV-1a, 64 bits). */
function depositOf(place: string): string {
  const bytes = Buffer.from(`${DEPOSIT}${place}`);
  if (bytes.length <= LONGEST_NAME) return bytes.toString();
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return `${DEPOSIT}#${hash.toString(16)}`;
}
