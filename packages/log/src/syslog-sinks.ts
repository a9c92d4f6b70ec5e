import { hostname } from "node:os";
import type { LoggingSpec, LogSink, SyslogAddress } from "@supervise/model";

import type { Channel } from "./channel.js";
import type { DescriptorWatch } from "./descriptor-watch.js";
import type { LogKernel, LogProblem } from "./problem.js";
import { SyslogLink, type After, type LinkOwner } from "./syslog-link.js";
import { LocalTransport } from "./syslog-local.js";
import { SyslogSink } from "./syslog-sink.js";
import { UdpTransport } from "./syslog-udp.js";

type SyslogSpec = Extract<LogSink, { driver: "syslog" }>;

/** What the syslog sinks of a hub share. */
export interface SyslogOwner {
  readonly kernel: LogKernel;
  readonly watch: DescriptorWatch;
  /** Microseconds since the epoch. */
  clock(): number;
  problem(problem: LogProblem): void;
}

/** The syslog sinks of a hub, with one link for each address however many services send there. */
export class SyslogSinks implements LinkOwner {
  readonly after: After;
  readonly #owner: SyslogOwner;
  readonly #links = new Map<string, SyslogLink>();
  readonly #sinks = new Set<SyslogSink>();

  constructor(owner: SyslogOwner, after: After = unheldTimer) {
    this.#owner = owner;
    this.after = after;
  }

  /** Gives the service the sink that its spec asks for, and lets go of another one. */
  configure(channel: Channel, logging: LoggingSpec): void {
    const before = channel.syslog;
    // The other sinks are no matter of this one.
    const { also: _, stderr: __, mask: ___, ...sink } = logging;
    if (before !== null && JSON.stringify(before.spec) === JSON.stringify(sink)) return;
    channel.syslog = sink.driver === "syslog" ? this.take(channel.name, sink) : null;
    // After that: where both go to one daemon, the link stays.
    if (before !== null) this.letGo(before);
  }

  /** A sink for a service. */
  take(service: string, spec: SyslogSpec): SyslogSink {
    const link = this.#linkTo(spec.address);
    link.users += 1;
    const sink = new SyslogSink({ spec, service, host: hostname(), link });
    this.#sinks.add(sink);
    return sink;
  }

  release(channel: Channel): void {
    const { syslog } = channel;
    channel.syslog = null;
    if (syslog !== null) this.letGo(syslog);
  }

  /** Settles when every daemon that can be reached has taken what was sent to it. */
  async flush(): Promise<void> {
    await Promise.all(Array.from(this.#links.values(), (link) => link.flush()));
  }

  drained(link: SyslogLink): void {
    for (const sink of this.#sinks) if (sink.link === link) sink.tellLost(this.#owner.clock());
  }

  say(message: string): void {
    this.#owner.problem({ kind: "syslog", message });
  }

  #linkTo(address: SyslogAddress): SyslogLink {
    const name = address.kind === "unix" ? address.path : `udp://${address.host}:${address.port}`;
    let link = this.#links.get(name);
    if (link === undefined) {
      const { kernel, watch } = this.#owner;
      link = new SyslogLink(name, this, (events) =>
        address.kind === "unix"
          ? new LocalTransport(address.path, kernel, watch, events)
          : new UdpTransport(address.host, address.port, events),
      );
      this.#links.set(name, link);
    }
    return link;
  }

  /** The link ends with its last sink. */
  letGo(sink: SyslogSink): void {
    this.#sinks.delete(sink);
    sink.link.users -= 1;
    if (sink.link.users > 0) return;
    sink.link.close();
    this.#links.delete(sink.link.name);
  }
}

function unheldTimer(delayMs: number, call: () => void): () => void {
  const timer = setTimeout(call, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
}
