import { logModeOf, sinksOf, type LoggingSpec, type LogSink } from "@supervise/model";

import type { Channel } from "./channel.js";
import { FileSinks, type FileSinksOwner } from "./file-sinks.js";
import { Inlet, type InletOwner } from "./inlet.js";
import { InletSink, type InletSpec } from "./inlet-sink.js";
import type { NumberedFile } from "./line-numbering.js";
import { OtherSinks } from "./other-sinks.js";
import { SyslogSinks, type SyslogOwner } from "./syslog-sinks.js";

/** What sinks ask of the hub. */
export interface SinkOwner extends FileSinksOwner, SyslogOwner, InletOwner {
  /** The write end of the pipe to a service's standard input, non-blocking; a negative errno: there is none. */
  input(service: string): number;
}

type FileSpec = Extract<LogSink, { driver: "file" }>;
type SyslogSpec = Extract<LogSink, { driver: "syslog" }>;

/** The sinks of all services besides the terminal, the rings and followers. What no service asks for costs nothing. */
export class ChannelSinks {
  readonly files: FileSinks;
  readonly syslogs: SyslogSinks;
  readonly #owner: SinkOwner;
  readonly #inlets = new Map<string, Inlet>();

  constructor(owner: SinkOwner, channels: ReadonlyMap<string, Channel>) {
    this.#owner = owner;
    this.files = new FileSinks(owner, channels);
    this.syslogs = new SyslogSinks(owner);
  }

  /** Gives the service what its spec asks for. Sinks that stay as they were are not touched. */
  configure(channel: Channel, logging: LoggingSpec): void {
    channel.direct = logging.driver === "direct" ? { ...logging, late: true } : null;
    channel.drops = logModeOf(logging) === "non-blocking";
    this.files.configure(channel, logging);
    this.syslogs.configure(channel, logging);
    if (channel.others !== null || logging.also !== undefined || logging.driver === "service")
      this.#configureOthers(channel, logging);
  }

  /** See `LogHub`. */
  endInput(service: string, ended: () => void): void {
    const inlet = this.#inlets.get(service);
    if (inlet === undefined) ended();
    else inlet.end(ended);
  }

  /** Lets go of all of them. */
  release(channel: Channel): void {
    this.files.release(channel);
    this.syslogs.release(channel);
    const { others } = channel;
    channel.others = null;
    if (others !== null) this.#letGo(channel, others, new OtherSinks());
  }

  /** Does the service's standard input get lines? */
  hasInlet(service: string): boolean {
    return this.#inlets.has(service);
  }

  #configureOthers(channel: Channel, logging: LoggingSpec): void {
    const [first, ...rest] = sinksOf(logging);
    const wanted = first?.driver === "service" ? [first, ...rest] : rest;
    const before = channel.others ?? new OtherSinks();
    const after = new OtherSinks();
    after.files = wanted.flatMap((spec) =>
      spec.driver === "file" ? this.#file(channel, before, spec) : [],
    );
    after.syslogs = wanted.flatMap((spec) =>
      spec.driver === "syslog" ? this.#syslog(channel, before, spec) : [],
    );
    after.inlets = wanted.flatMap((spec) =>
      spec.driver === "service" ? this.#inletSink(channel, before, spec) : [],
    );
    channel.others = after.empty ? null : after;
    this.#letGo(channel, before, after);
  }

  #file(channel: Channel, before: OtherSinks, spec: FileSpec): NumberedFile {
    const known = before.files.find(({ sink }) => sink.path === spec.path);
    const sink = this.files.take(spec, known?.sink ?? null);
    // It may be another by now.
    const same = before.files.find((file) => file.sink === sink);
    return same ?? { sink, place: this.#place(channel, spec.path) };
  }

  #syslog(channel: Channel, before: OtherSinks, spec: SyslogSpec): OtherSinks["syslogs"][number] {
    const text = JSON.stringify(spec);
    const same = before.syslogs.find((sink) => JSON.stringify(sink.spec) === text);
    return same ?? this.syslogs.take(channel.name, spec);
  }

  #inletSink(channel: Channel, before: OtherSinks, spec: InletSpec): InletSink {
    const text = JSON.stringify(spec);
    const same = before.inlets.find((sink) => JSON.stringify(sink.spec) === text);
    if (same !== undefined) return same;
    const inlet = this.#inletOf(spec.service);
    inlet.users += 1;
    const { rows, ledger } = this.#owner;
    const numbers = ledger.lines;
    const place = this.#place(channel, inputKey(spec.service));
    const torn = place >= 0 && numbers?.mark(place) === 1;
    if (torn) {
      inlet.endTornRow();
      numbers?.setMark(place, 0);
    }
    return new InletSink({
      spec,
      service: channel.name,
      inlet,
      place,
      rows,
      clock: () => this.#owner.clock(),
      problem: (problem) => this.#owner.problem(problem),
    });
  }

  #inletOf(service: string): Inlet {
    let inlet = this.#inlets.get(service);
    if (inlet === undefined) {
      inlet = new Inlet(service, this.#owner.input(service), this.#owner);
      this.#inlets.set(service, inlet);
    }
    return inlet;
  }

  #letGo(channel: Channel, before: OtherSinks, after: OtherSinks): void {
    for (const { sink } of before.files)
      if (!after.files.some((other) => other.sink === sink)) this.files.letGo(sink);
    for (const sink of before.syslogs) if (!after.syslogs.includes(sink)) this.syslogs.letGo(sink);
    for (const sink of before.inlets) {
      if (after.inlets.includes(sink)) continue;
      sink.end();
      for (const stream of channel.streams) sink.inlet.forget(stream);
      sink.inlet.users -= 1;
      if (sink.inlet.users > 0) continue;
      sink.inlet.close();
      this.#inlets.delete(sink.inlet.service);
    }
  }

  #place({ name }: Channel, key: string): number {
    return this.#owner.ledger.lines?.claim(placeKey(name, key)) ?? -1;
  }

  /** The numbers of a service that is gone. */
  forgetPlaces({ name, others }: Channel): void {
    for (const { sink } of others?.files ?? [])
      this.#owner.ledger.lines?.release(placeKey(name, sink.path));
    for (const { spec } of others?.inlets ?? [])
      this.#owner.ledger.lines?.release(placeKey(name, inputKey(spec.service)));
  }
}

/** No service and no path has a zero byte. */
function placeKey(name: string, key: string): string {
  return `${name}\0${key}`;
}

/** No path of a file is relative. */
function inputKey(service: string): string {
  return `input of ${service}`;
}
