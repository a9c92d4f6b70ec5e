import { errnoNumber, pollEvents } from "@supervise/sys";
import type { Kernel, Poller, Result } from "@supervise/sys";
import type { SendOutcome, Transport, TransportEvents } from "./transport.js";

const wrongType = errnoNumber("EPROTOTYPE") as Result;
const noRoom = errnoNumber("EAGAIN");
/** The descriptor was closed behind our back: whatever has its number now is not ours to close. */
const notOurs = new Set([errnoNumber("EBADF"), errnoNumber("ENOTSOCK")]);
const tooLong = errnoNumber("EMSGSIZE");

type Link =
  | { readonly kind: "closed" }
  | {
      readonly kind: "open";
      readonly fd: number;
      readonly type: "datagram" | "stream";
      /** Of a stream: the message of which a part was written, and how many bytes of it. */
      half: { readonly bytes: Uint8Array; written: number } | null;
    };

export type LocalTransportKernel = Pick<
  Kernel,
  "connectSocket" | "send" | "close" | "createPoller"
>;

/**
 * A Unix socket such as /dev/log: datagrams, or a stream of messages that end with a NUL where the other side is one (as syslog(3) of glibc does). When a
 * connection turns out to be dead, as after a restart of syslogd, a new one is made at once and the message goes there.
 */
export function createLocalTransport(
  path: string,
  kernel: LocalTransportKernel,
  events: TransportEvents,
): Transport {
  let link: Link = { kind: "closed" };
  let poller: Poller | null = null;
  let watching = false;

  function unwatch(): void {
    if (watching && link.kind === "open") poller?.remove(link.fd);
    watching = false;
  }

  function watch(fd: number): SendOutcome {
    poller ??= kernel.createPoller(() => {
      unwatch();
      events.onReady();
    });
    const result = watching ? 0 : poller.add(fd, 0, pollEvents.output);
    if (result < 0) return fail(result);
    watching = true;
    return { kind: "full" };
  }

  function disconnect(): void {
    unwatch();
    if (link.kind === "open") kernel.close(link.fd);
    link = { kind: "closed" };
  }

  function fail(errno: Result): SendOutcome {
    unwatch();
    if (notOurs.has(errno)) link = { kind: "closed" };
    disconnect();
    return { kind: "gone", errno };
  }

  function open(): Result {
    if (link.kind === "open") return 0;
    for (const type of ["datagram", "stream"] as const) {
      const fd = kernel.connectSocket(path, type);
      if (fd >= 0) link = { kind: "open", fd, type, half: null };
      if (fd !== wrongType) return Math.min(fd, 0);
    }
    return wrongType;
  }

  function attempt(bytes: Uint8Array): SendOutcome {
    const opened = open();
    if (link.kind === "closed") return { kind: "gone", errno: opened };
    const { fd } = link;
    const from = link.half?.written ?? 0;
    const frame = link.type === "stream" ? ended(bytes) : bytes;
    const result = kernel.send(fd, from === 0 ? frame : frame.subarray(from), []);
    if (result === noRoom) return watch(fd);
    if (result === tooLong) return { kind: "refused", errno: result };
    if (result < 0) return fail(result);
    const written = from + result;
    if (link.type === "datagram" || written === frame.length) {
      link.half = null;
      return { kind: "sent" };
    }
    link.half = { bytes, written };
    return watch(fd);
  }

  return {
    open,
    send(bytes) {
      // The rest of a message that was given up can't be left out of a stream; on a new one its beginning is nobody's.
      if (link.kind === "open" && link.half !== null && link.half.bytes !== bytes) disconnect();
      const outcome = link.kind === "open" ? attempt(bytes) : null;
      return outcome === null || outcome.kind === "gone" ? attempt(bytes) : outcome;
    },
    rest: unwatch,
    close() {
      disconnect();
      poller?.close();
      poller = null;
    },
  };
}

function ended(bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(bytes.length + 1);
  frame.set(bytes);
  return frame;
}
