import { pollOut, type DescriptorHandler, type DescriptorWatch } from "./descriptor-watch.js";
import { errno, type LogKernel } from "./problem.js";
import type { SendOutcome, SyslogTransport, TransportEvents } from "./syslog-transport.js";

const EMSGSIZE = -90;
const EPROTOTYPE = -91;
const endOfFrame: Buffer = Buffer.alloc(1);

/**
 * A Unix socket such as /dev/log: datagrams, or a stream of messages that end with a NUL where the other side is one, as syslog(3) does it. Where a
 * connection turns out to be dead, as after a restart of the daemon, a new one is made at once and the message goes there.
 */
export class LocalTransport implements SyslogTransport, DescriptorHandler {
  readonly #path: string;
  readonly #kernel: LogKernel;
  readonly #watch: DescriptorWatch;
  readonly #events: TransportEvents;
  #fd = -1;
  #stream = false;
  #watching = false;
  /** Of a stream: the message of which a part was written, and how much of it. */
  #half: { readonly bytes: Buffer; readonly written: number } | null = null;

  constructor(path: string, kernel: LogKernel, watch: DescriptorWatch, events: TransportEvents) {
    this.#path = path;
    this.#kernel = kernel;
    this.#watch = watch;
    this.#events = events;
  }

  send(bytes: Buffer): SendOutcome {
    const first = this.#fd >= 0 ? this.#try(bytes) : null;
    return first === null || first.kind === "gone" ? this.#try(bytes) : first;
  }

  close(): void {
    this.#unwatch();
    if (this.#fd >= 0) this.#kernel.close(this.#fd);
    this.#fd = -1;
    // On a new connection the rest of it would be nobody's.
    this.#half = null;
  }

  onReady(): void {
    this.#unwatch();
    this.#events.onReady();
  }

  #try(bytes: Buffer): SendOutcome {
    if (this.#fd < 0) {
      const opened = this.#open();
      if (opened < 0) return { kind: "gone", errno: opened };
    }
    const frame = this.#stream ? Buffer.concat([bytes, endOfFrame]) : bytes;
    const from = this.#half?.bytes === bytes ? this.#half.written : 0;
    const result = this.#kernel.send(this.#fd, frame.subarray(from), []);
    if (result === errno.EAGAIN) return this.#waitForRoom();
    if (result === EMSGSIZE) return { kind: "refused", errno: result };
    if (result < 0) {
      this.close();
      return { kind: "gone", errno: result };
    }
    const written = from + result;
    this.#half = null;
    if (!this.#stream || written === frame.length) return { kind: "sent" };
    this.#half = { bytes, written };
    return this.#waitForRoom();
  }

  #open(): number {
    for (const type of ["datagram", "stream"] as const) {
      const fd = this.#kernel.connectSocket(this.#path, type);
      if (fd === EPROTOTYPE) continue;
      this.#fd = fd;
      this.#stream = type === "stream";
      return fd;
    }
    return EPROTOTYPE;
  }

  #waitForRoom(): SendOutcome {
    if (this.#watching) return { kind: "full" };
    const result = this.#watch.add(this.#fd, pollOut, this);
    if (result >= 0) {
      this.#watching = true;
      return { kind: "full" };
    }
    this.close();
    return { kind: "gone", errno: result };
  }

  #unwatch(): void {
    if (this.#watching) this.#watch.remove(this.#fd);
    this.#watching = false;
  }
}
