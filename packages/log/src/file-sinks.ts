import type { LoggingSpec, LogSink } from "@supervise/model";

import type { Channel } from "./channel.js";
import type { FileOwner } from "./file-owner.js";
import { FileSink } from "./file-sink.js";
import type { LogFile } from "./log-file.js";
import type { LogHubOptions } from "./log-hub.js";
import type { LogKernel } from "./problem.js";
import { FileWorkers } from "./threads/file-workers.js";
import { ThreadedFile } from "./threads/threaded-file.js";

type FileSpec = Extract<LogSink, { driver: "file" }>;

/** What these ask of the hub. */
export interface FileSinksOwner extends FileOwner {
  readonly kernel: LogKernel;
  readonly options: Pick<LogHubOptions, "filePatienceMs">;
}

/** The log files of a hub, one sink for each path however many services write to it. */
export class FileSinks {
  readonly #owner: FileSinksOwner;
  readonly #channels: ReadonlyMap<string, Channel>;
  readonly #sinks = new Map<string, LogFile>();
  #workers: FileWorkers | null = null;

  /** `channels` are those that may have files. */
  constructor(owner: FileSinksOwner, channels: ReadonlyMap<string, Channel>) {
    this.#owner = owner;
    this.#channels = channels;
  }

  /** Gives the service the sink that its spec asks for, and lets go of another one. Where services share a path, the last one's rotation counts. */
  configure(channel: Channel, logging: LoggingSpec): void {
    const path = logging.driver === "file" ? logging.path : null;
    if (channel.file !== null && channel.file.path !== path) this.release(channel);
    if (logging.driver === "file") channel.file = this.take(logging, channel.file);
  }

  /** The sink that the spec asks for; `known` is what its user has of this path already. */
  take(spec: FileSpec, known: LogFile | null): LogFile {
    let sink = this.#sinks.get(spec.path);
    if (sink === undefined) {
      sink = new FileSink(spec.path, this.#owner, (file) => this.replace(file));
      this.#sinks.set(spec.path, sink);
    }
    if (spec.mode === "non-blocking" && sink instanceof FileSink) sink = this.replace(sink);
    if (sink instanceof ThreadedFile)
      sink.setWaiting({ mode: spec.mode ?? "blocking", maxBufferBytes: spec.maxBufferBytes ?? 0 });
    sink.setRotation(spec);
    sink.totalBytes = spec.maxTotalBytes;
    sink.style = spec;
    if (known === null) sink.users += 1;
    return sink;
  }

  /** Gives the file to another thread, with all that its writer knows, for every service that has it. */
  replace(file: FileSink): ThreadedFile {
    this.#workers ??= new FileWorkers(this.#owner.options.filePatienceMs);
    const heir = new ThreadedFile(file.path, this.#owner, this.#workers, file.state);
    heir.users = file.users;
    heir.totalBytes = file.totalBytes;
    heir.style = file.style;
    heir.setRotation(file.rotation);
    file.leave();
    this.#sinks.set(file.path, heir);
    for (const channel of this.#channels.values()) channel.replaceFile(file, heir);
    return heir;
  }

  /** Is a thread at work that may never end? */
  get busy(): boolean {
    return this.#workers?.busy ?? false;
  }

  /** Settles when all that was taken is written. */
  async flush(): Promise<void> {
    if (this.#workers !== null)
      await Promise.all(Array.from(this.#sinks.values(), (sink) => sink.flush()));
  }

  /** After the last file was let go of. */
  close(): void {
    this.#workers?.close();
  }

  /** All of them. */
  values(): Iterable<LogFile> {
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
  letGo(file: LogFile): void {
    file.users -= 1;
    if (file.users > 0) return;
    file.close();
    this.#sinks.delete(file.path);
  }
}
