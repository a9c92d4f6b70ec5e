import type { LoggingSpec, LogSink } from "@supervise/model";

import type { Channel } from "./channel.js";
import type { FileOwner } from "./file-owner.js";
import { FileSink } from "./file-sink.js";

type FileSpec = Extract<LogSink, { driver: "file" }>;

/** The log files of a hub, one sink for each path however many services write to it. */
export class FileSinks {
  readonly #owner: FileOwner;
  readonly #sinks = new Map<string, FileSink>();

  constructor(owner: FileOwner) {
    this.#owner = owner;
  }

  /** Gives the service the sink that its spec asks for, and lets go of another one. Where services share a path, the last one's rotation counts. */
  configure(channel: Channel, logging: LoggingSpec): void {
    const path = logging.driver === "file" ? logging.path : null;
    if (channel.file !== null && channel.file.path !== path) this.release(channel);
    if (logging.driver === "file") channel.file = this.take(logging, channel.file);
  }

  /** The sink that the spec asks for; `known` is what its user has of this path already. */
  take(spec: FileSpec, known: FileSink | null): FileSink {
    let sink = this.#sinks.get(spec.path);
    if (sink === undefined) {
      sink = new FileSink(spec.path, this.#owner);
      this.#sinks.set(spec.path, sink);
    }
    sink.setRotation(spec);
    sink.totalBytes = spec.maxTotalBytes;
    sink.style = spec;
    if (known === null) sink.users += 1;
    return sink;
  }

  /** All of them. */
  values(): Iterable<FileSink> {
    return this.#sinks.values();
  }

  /** Bytes that all files together may have, by the strictest; null: any number. */
  totalBytes(): number | null {
    const limits = [...this.#sinks.values()].flatMap(({ totalBytes }) => totalBytes ?? []);
    return limits.length === 0 ? null : Math.min(...limits);
  }

  /** The file is closed with its last service. */
  release(channel: Channel): void {
    const { file } = channel;
    channel.file = null;
    if (file !== null) this.letGo(file);
  }

  /** One user less. */
  letGo(file: FileSink): void {
    file.users -= 1;
    if (file.users > 0) return;
    file.close();
    this.#sinks.delete(file.path);
  }
}
