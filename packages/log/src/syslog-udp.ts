import type { Socket } from "node:dgram";
import { errnoNumber } from "@supervise/sys";

import { errno } from "./problem.js";
import type { SendOutcome, SyslogTransport, TransportEvents } from "./syslog-transport.js";

/** So much may be with the kernel and not yet taken, in bytes. */
const onTheWayLimit = 256 * 1024;
const unreachable = errnoNumber("EHOSTUNREACH") ?? errno.EIO;

type Link =
  | { readonly kind: "closed" }
  | { readonly kind: "looking up" }
  | { readonly kind: "connecting" | "open"; readonly socket: Socket }
  /** Told with the next message. */
  | { readonly kind: "failed"; readonly errno: number };

/**
 * One message in each datagram (RFC 5426). The host is looked up for the first message and again after a failure. Whether anybody listens is known only
 * where the other side's kernel says that nobody does, and then too late for the message: it is told as lost.
 */
export class UdpTransport implements SyslogTransport {
  readonly #host: string;
  readonly #port: number;
  readonly #events: TransportEvents;
  #link: Link = { kind: "closed" };
  #onTheWay = 0;

  constructor(host: string, port: number, events: TransportEvents) {
    this.#host = host;
    this.#port = port;
    this.#events = events;
  }

  send(bytes: Buffer): SendOutcome {
    const link = this.#link;
    if (link.kind === "failed") {
      this.#link = { kind: "closed" };
      return { kind: "gone", errno: link.errno };
    }
    if (link.kind === "closed") this.#lookUp();
    if (link.kind !== "open" || this.#onTheWay > onTheWayLimit) return { kind: "full" };
    this.#onTheWay += bytes.length;
    link.socket.send(bytes, (error) => {
      const wasFull = this.#onTheWay > onTheWayLimit;
      this.#onTheWay -= bytes.length;
      if (error !== null) this.#events.onLost(errnoOfNetwork(error));
      if (wasFull && this.#onTheWay <= onTheWayLimit) this.#events.onReady();
    });
    return { kind: "sent" };
  }

  close(): void {
    const link = this.#link;
    this.#link = { kind: "closed" };
    if (link.kind === "connecting" || link.kind === "open") link.socket.close();
  }

  #lookUp(): void {
    const looking: Link = { kind: "looking up" };
    this.#link = looking;
    // Loaded by those who send anything: a start waits for neither.
    const { lookup } = process.getBuiltinModule("node:dns");
    const { createSocket } = process.getBuiltinModule("node:dgram");
    lookup(this.#host, (error, address, family) => {
      if (this.#link !== looking) return;
      if (error === null) this.#connect(createSocket(family === 6 ? "udp6" : "udp4"), address);
      else this.#fail(error);
    });
  }

  #connect(socket: Socket, address: string): void {
    this.#link = { kind: "connecting", socket };
    socket.on("error", (error) => {
      if (this.#holds(socket)) this.#fail(error);
    });
    socket.once("connect", () => {
      if (!this.#holds(socket)) return;
      this.#link = { kind: "open", socket };
      // An open socket alone must not keep the program going.
      socket.unref();
      this.#events.onReady();
    });
    socket.connect(this.#port, address);
  }

  #holds(socket: Socket): boolean {
    const link = this.#link;
    return (link.kind === "connecting" || link.kind === "open") && link.socket === socket;
  }

  /** Before the connection stood nothing was sent, and the messages still wait. */
  #fail(error: Error): void {
    const sent = this.#link.kind === "open";
    const cause = errnoOfNetwork(error);
    this.close();
    if (sent) return this.#events.onLost(cause);
    this.#link = { kind: "failed", errno: cause };
    this.#events.onReady();
  }
}

/** Look-ups of names fail with words of their own ("ENOTFOUND"): for those the host is what can't be reached. */
function errnoOfNetwork(error: Error): number {
  const code: unknown = Reflect.get(error, "code");
  return (typeof code === "string" ? errnoNumber(code) : null) ?? unreachable;
}
