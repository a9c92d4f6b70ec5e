import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { lookup } from "node:dns";
import { errnoNumber } from "@supervise/sys";
import type { Result } from "@supervise/sys";
import type { Transport, TransportEvents } from "./transport.js";

type Link =
  | { readonly kind: "closed" }
  | { readonly kind: "looking up" }
  | { readonly kind: "connecting" | "open"; readonly socket: Socket }
  /** Told with the next message. */
  | { readonly kind: "failed"; readonly errno: Result };

/** Where a syslog daemon listens on the network. */
export interface UdpAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * One message in each datagram (RFC 5426). The host is looked up when the first message comes and again after a failure. Whether anybody listens is known only
 * where the other side's kernel says that nobody does, and then too late for the message: such a one is told as lost.
 */
export function createUdpTransport(address: UdpAddress, events: TransportEvents): Transport {
  let link: Link = { kind: "closed" };

  function open(): Result {
    if (link.kind !== "closed" && link.kind !== "failed") return 0;
    const looking: Link = { kind: "looking up" };
    link = looking;
    lookup(address.host, (error, host, family) => {
      if (link !== looking) return;
      if (error) fail(error);
      else connect(createSocket(family === 6 ? "udp6" : "udp4"), host);
    });
    return 0;
  }

  function connect(socket: Socket, host: string): void {
    link = { kind: "connecting", socket };
    socket.on("error", (error) => {
      if (isOurs(socket)) fail(error);
    });
    socket.once("connect", () => {
      if (!isOurs(socket)) return;
      link = { kind: "open", socket };
      // Only what is on its way holds the event loop open.
      socket.unref();
      events.onReady();
    });
    socket.connect(address.port, host);
  }

  function isOurs(socket: Socket): boolean {
    return (link.kind === "connecting" || link.kind === "open") && link.socket === socket;
  }

  /** Before the connection stood, nothing was sent, and the messages still wait. */
  function fail(error: Error): void {
    const errno = errnoOf(error);
    const sent = link.kind === "open";
    close();
    if (sent) events.onLost(errno);
    else {
      link = { kind: "failed", errno };
      events.onReady();
    }
  }

  function close(): void {
    const before = link;
    link = { kind: "closed" };
    if (before.kind === "connecting" || before.kind === "open") before.socket.close();
  }

  return {
    open,
    send(bytes) {
      if (link.kind === "failed") {
        const { errno } = link;
        link = { kind: "closed" };
        return { kind: "gone", errno };
      }
      open();
      if (link.kind !== "open") return { kind: "full" };
      const { socket } = link;
      socket.send(bytes, (error) => {
        if (error && isOurs(socket)) fail(error);
        else if (error) events.onLost(errnoOf(error));
      });
      return { kind: "sent" };
    },
    // A look-up and a connection end by themselves.
    rest: () => undefined,
    close,
  };
}

/** Look-ups of names fail with words of their own ("ENOTFOUND"); for those the address is what is unreachable. */
function errnoOf(error: Error): Result {
  const code: unknown = Reflect.get(error, "code");
  const known = typeof code === "string" ? errnoNumber(code) : null;
  return known ?? (errnoNumber("EHOSTUNREACH") as Result);
}
