import type { LogLine } from "@supervise/model";

import { ByteRing } from "./byte-ring.js";
import { Channel } from "./channel.js";
import type { DescriptorWatch } from "./descriptor-watch.js";
import { rotateFile } from "./file-rotation.js";
import { FileRows } from "./file-rows.js";
import type { FileOwner, FileSink } from "./file-sink.js";
import { FileSinks } from "./file-sinks.js";
import { FileTidying } from "./file-tidying.js";
import { Follower } from "./follower.js";
import type { HeldPart } from "./held-part.js";
import { lastNumber } from "./last-number.js";
import {
  Ledger,
  parseIdentity,
  parseRowIdentity,
  type LeftChunk,
  type StreamIdentity,
} from "./ledger.js";
import { noPriority, type LineBatch, type LineSource } from "./line-batch.js";
import type { LineOrigin } from "./line-origin.js";
import { LineRing } from "./line-ring.js";
import { maxLineBytes } from "./line-splitter.js";
import { LineWatcher } from "./line-watcher.js";
import type {
  FollowOptions,
  LoggedService,
  LogHub,
  LogHubOptions,
  OutputDescriptors,
} from "./log-hub.js";
import type { PausedReader } from "./paused-reader.js";
import { Mask } from "./mask.js";
import { PipeStream, type PipeOwner } from "./pipe-stream.js";
import type { LogKernel, LogProblem } from "./problem.js";
import { markNumber, type RunMark } from "./row-format.js";
import { handMessage, linesOf, type ServiceMessage } from "./service-message.js";
import { SyslogSinks, type SyslogOwner } from "./syslog-sinks.js";
import { tailOf } from "./tail.js";
import type { MessageLevel } from "./terminal-prefix.js";
import { TerminalSink, type TerminalOwner, type TerminalView } from "./terminal-sink.js";

const defaultRingBytes = 64 * 1024;
const defaultFollowerBytes = 1024 * 1024;

/** A batch whose fields are set anew for each hand-over: none is allocated while lines flow. */
type ReusedBatch = { -readonly [Field in keyof LineBatch]: LineBatch[Field] };

const noSource: LineSource = { name: "", id: 0 };

/** See `LogHub`. */
export class Hub implements LogHub, PipeOwner, TerminalOwner, FileOwner, SyslogOwner {
  readonly kernel: LogKernel;
  readonly watch: DescriptorWatch;
  readonly buffer: Buffer;
  readonly ring: ByteRing;
  readonly ends: Uint32Array = new Uint32Array(maxLineBytes + 1);
  readonly rows: FileRows = new FileRows();
  readonly #ledger: Ledger;
  readonly #options: LogHubOptions;
  readonly #terminal: TerminalSink | null;
  readonly #channels = new Map<string, Channel>();
  readonly #files = new FileSinks(this);
  readonly #tidying = new FileTidying({
    files: () => this.#files.values(),
    totalBytes: () => this.#files.totalBytes(),
    problem: (problem) => this.problem(problem),
  });
  readonly #syslogs = new SyslogSinks(this);
  readonly #followers = new Set<Follower>();
  #paused = new Set<PausedReader>();
  #matches: (() => void)[] = [];
  #sources = 0;
  #arrivals = 0;
  /** Characters of the longest name. */
  #width = 0;
  #timeMicros = 0;
  #handing = false;
  #leftParts: Map<string, HeldPart>;
  readonly #batch: ReusedBatch;

  constructor(options: LogHubOptions) {
    this.kernel = options.kernel;
    this.watch = options.watch;
    this.#options = options;
    this.#ledger = new Ledger(options.memory ?? null);
    this.buffer = this.#ledger.chunk;
    this.ring =
      options.terminal === null
        ? new ByteRing(Buffer.alloc(0), this.#ledger.noRing())
        : new ByteRing(this.#ledger.ringBytes(), this.#ledger.ringEnds);
    this.#leftParts = new Map(this.#ledger.leftParts());
    this.#terminal = options.terminal === null ? null : new TerminalSink(options.terminal, this);
    this.#batch = {
      source: noSource,
      run: 0,
      stream: 0,
      priority: noPriority,
      timeMicros: 0,
      firstSeq: 0,
      firstArrival: 0,
      bytes: this.buffer,
      start: 0,
      ends: this.ends,
      count: 0,
      partial: false,
      continued: false,
    };
  }

  get blocked(): boolean {
    return this.#terminal?.blocked ?? false;
  }

  get limited(): boolean {
    return this.#files.totalBytes() !== null;
  }

  get view(): TerminalView | null {
    return this.#terminal;
  }

  get lasting(): boolean {
    return this.#ledger.lasting;
  }

  get handing(): boolean {
    return this.#handing;
  }

  clock(): number {
    return this.#options.clock();
  }

  problem(problem: LogProblem): void {
    this.#options.onProblem(problem);
  }

  configure(service: LoggedService): void {
    const known = this.#channels.get(service.name);
    const channel = known ?? new Channel(service.name, ++this.#sources);
    if (known === undefined) {
      this.#channels.set(service.name, channel);
      if (service.name.length > this.#width) this.#setWidth(service.name.length);
      this.#numbering(channel);
    }
    const { logging, secrets = [] } = service;
    const mask = new Mask(secrets);
    channel.mask = mask.empty ? null : mask;
    channel.direct = logging.driver === "direct" ? { ...logging, late: true } : null;
    channel.drops = service.logging.mode === "non-blocking";
    this.#files.configure(channel, service.logging);
    this.#syslogs.configure(channel, service.logging);
  }

  forget(name: string): void {
    const channel = this.#channels.get(name);
    if (channel === undefined) return;
    this.#drop(channel);
    this.#ledger.lines?.release(name);
    if (name.length === this.#width)
      this.#setWidth(Math.max(0, ...Array.from(this.#channels.keys(), (other) => other.length)));
  }

  resume(): void {
    const left = this.#ledger.leftChunk();
    const row = left === null ? null : parseRowIdentity(left.identity);
    if (left !== null && row !== null) this.#resumeRow(left, ...row);
    else if (left !== null) this.#resumeChunk(left);
    for (const channel of this.#channels.values()) this.#resumeLost(channel);
  }

  #resumeRow({ length, file }: LeftChunk, service: string, mark: number): void {
    const channel = this.#channels.get(service);
    if (channel === undefined || channel.file === null) return this.#ledger.abandon();
    if (file !== null) channel.file.leaveOut(file);
    channel.file.writeMark(Buffer.from(this.buffer.subarray(0, length)));
    this.#ledger.commitRow(channel.place, mark);
  }

  /** Lines that the last process could not write, and had no time left to say so. */
  #resumeLost({ name, place, seq, file }: Channel): void {
    const { lines } = this.#ledger;
    if (lines === null || place < 0 || file === null) return;
    const from = lines.lostFrom(place);
    if (from === 0) return;
    if (lastNumber(file.path, name) >= from) lines.setLost(place, 0, 0);
    else if (seq >= from) file.addLost(name, from, seq - from + 1, lines.lostErrno(place));
  }

  #resumeChunk(left: LeftChunk): void {
    const whose = parseIdentity(left.identity);
    const channel = whose === null ? undefined : this.#channels.get(whose.service);
    // The service has left the configuration: nobody wants its lines.
    if (whose === null || channel === undefined) return this.#ledger.abandon();
    const stream = this.#leftStream(channel, whose);
    if (left.file !== null) channel.file?.leaveOut(left.file);
    if (channel.seq < 0) this.#lookUpNumber(channel);
    this.#timeMicros = left.timeMicros;
    this.#handing = true;
    stream.replay(left);
    if (stream.part !== null) this.#leftParts.set(left.identity, stream.part);
  }

  endLeft(): void {
    for (const [identity, part] of this.#leftParts) {
      const whose = parseIdentity(identity);
      const channel = whose === null ? undefined : this.#channels.get(whose.service);
      if (whose !== null && channel !== undefined) this.#leftStream(channel, whose).flush();
      part.release();
    }
    this.#leftParts.clear();
  }

  markRun(name: string, mark: RunMark): void {
    const channel = this.#channels.get(name);
    if (channel === undefined || channel.file === null) return;
    const { file } = channel;
    const { lines } = this.#ledger;
    const number = markNumber(mark);
    if (lines !== null && channel.place >= 0 && lines.mark(channel.place) >= number) return;
    const timeMicros = this.#options.clock();
    const row = this.rows.mark(file.style, timeMicros, name, mark);
    if (row === null) return;
    if (this.lasting) this.#ledger.beginRow(name, number, row, timeMicros, file.mark());
    file.writeMark(row);
    this.#ledger.commitRow(channel.place, number);
    this.#tidying.begin();
  }

  openRun(name: string, run: number, output: OutputDescriptors, id = ""): void {
    const channel = this.#channel(name);
    const which = { number: run, id };
    if (output.stdout !== null) this.#open(channel, which, 0, output.stdout);
    if (output.stderr !== null) this.#open(channel, which, 1, output.stderr);
  }

  drain(name: string): void {
    for (const stream of this.#channels.get(name)?.streams ?? []) stream.drain();
  }

  closeRun(name: string, run: number): void {
    for (const stream of this.#channels.get(name)?.streams ?? [])
      if (stream.run === run) this.#end(stream);
  }

  detach(name: string): { run: number; stream: "stdout" | "stderr"; fd: number }[] {
    const channel = this.#channel(name);
    this.drain(name);
    const { streams } = channel;
    channel.streams = [];
    return streams.map((stream) => {
      stream.release();
      this.#paused.delete(stream);
      return { run: stream.run, stream: stream.stream === 0 ? "stdout" : "stderr", fd: stream.fd };
    });
  }

  tail(names: readonly string[] | null, lines: number | null): LogLine[] {
    const channels = Array.from(names ?? this.#channels.keys(), (name) => this.#channels.get(name));
    return tailOf(
      channels.filter((channel) => channel !== undefined),
      lines,
    );
  }

  follow(names: readonly string[] | null, options: FollowOptions = {}): Follower {
    const { lines = 0, signal } = options;
    const end = (): void => follower.end();
    const follower = new Follower(
      names,
      lines === 0 ? [] : this.tail(names, lines),
      this.#options.followerBytes ?? defaultFollowerBytes,
      () => {
        this.#followers.delete(follower);
        signal?.removeEventListener("abort", end);
      },
    );
    this.#followers.add(follower);
    if (signal?.aborted === true) end();
    else signal?.addEventListener("abort", end, { once: true });
    return follower;
  }

  watchLines(
    name: string,
    run: number,
    pattern: RegExp,
    onMatch: (text: string) => void,
  ): () => void {
    const channel = this.#channel(name);
    const watcher = new LineWatcher(run, pattern, onMatch);
    channel.watchers = [...(channel.watchers ?? []), watcher];
    return () => {
      watcher.ended = true;
      const left = channel.watchers?.filter((other) => other !== watcher) ?? [];
      channel.watchers = left.length === 0 ? null : left;
    };
  }

  takeMessage(name: string, message: ServiceMessage): boolean {
    const channel = this.#channels.get(name);
    if (channel === undefined) return false;
    this.#timeMicros = this.#options.clock();
    if (channel.seq < 0) this.#lookUpNumber(channel);
    // Should we die now, its lines are missing, and no number comes twice.
    this.#ledger.lines?.setSeq(channel.place, channel.seq + linesOf(message));
    handMessage(this, channel, message);
    this.#handedOn();
    return true;
  }

  say(text: string, level: MessageLevel): void {
    this.#terminal?.say(text, level);
  }

  async flush(): Promise<void> {
    await Promise.all([this.#terminal?.flush(), this.#tidying.settled(), this.#syslogs.flush()]);
  }

  close(): void {
    for (const channel of this.#channels.values()) this.#drop(channel);
    this.#tidying.close();
    for (const follower of this.#followers) follower.end();
    this.#terminal?.close();
  }

  pause(reader: PausedReader): void {
    this.#paused.add(reader);
  }

  unblocked(): void {
    const paused = this.#paused;
    this.#paused = new Set();
    for (const reader of paused) reader.resume();
  }

  ended(stream: PipeStream): void {
    this.#paused.delete(stream);
    stream.channel.streams = stream.channel.streams.filter((other) => other !== stream);
  }

  beginChunk(stream: PipeStream, length: number): void {
    this.#timeMicros = this.#options.clock();
    if (stream.channel.seq < 0) this.#lookUpNumber(stream.channel);
    if (this.lasting)
      this.#ledger.begin(
        stream.identity,
        length,
        this.#timeMicros,
        stream.channel.file?.mark() ?? null,
      );
    this.#handing = true;
  }

  shortenChunk(length: number): void {
    if (length > 0) return this.#ledger.shorten(length);
    this.#ledger.abandon();
    this.#handing = false;
  }

  claimPart(identity: string): HeldPart {
    return this.#ledger.claimPart(identity);
  }

  takeLines(
    origin: LineOrigin,
    bytes: Buffer,
    start: number,
    count: number,
    partial: boolean,
    continued: boolean,
  ): void {
    const { channel } = origin;
    const batch = this.#batch;
    batch.source = channel;
    batch.run = origin.run;
    batch.stream = origin.stream;
    batch.priority = origin.priority;
    batch.timeMicros = this.#timeMicros;
    batch.firstSeq = channel.seq + 1;
    batch.firstArrival = this.#arrivals + 1;
    const masked = channel.mask?.of(bytes, start, this.ends, count, partial) ?? null;
    batch.bytes = masked?.bytes ?? bytes;
    batch.start = masked === null ? start : 0;
    batch.ends = masked?.ends ?? this.ends;
    batch.count = count;
    batch.partial = partial;
    batch.continued = continued;
    channel.seq += count;
    this.#arrivals += count;
    channel.file?.write(batch);
    channel.syslog?.write(batch);
    this.#terminal?.add(batch, channel.drops);
    channel.ring ??= new LineRing(this.#options.ringBytes ?? defaultRingBytes);
    channel.ring.append(batch);
    for (const follower of this.#followers) follower.offer(batch);
    if (channel.watchers === null) return;
    for (const watcher of channel.watchers)
      if (watcher.run === origin.run) watcher.look(batch, this.#matches);
  }

  endChunk(stream: PipeStream): void {
    const { place, seq } = stream.channel;
    this.#ledger.commit(stream.partToKeep(), stream.splitter, this.ring.tail, place, seq);
    this.#handing = false;
    this.#handedOn();
  }

  /** The lines are in all sinks, and their memory is free again. */
  #handedOn(): void {
    this.#terminal?.publish();
    this.#tidying.begin();
    if (this.#matches.length === 0) return;
    const matches = this.#matches;
    this.#matches = [];
    for (const match of matches) match();
  }

  lost(service: string, from: number, negativeErrno: number): void {
    const place = this.#channels.get(service)?.place ?? -1;
    this.#ledger.lines?.setLost(place, from, negativeErrno);
  }

  rotate(name: string): number | null {
    const { file = null, direct = null } = this.#channels.get(name) ?? {};
    if (file === null && direct === null) return null;
    const result = file?.rotateNow() ?? rotateFile(direct?.path ?? "", this.clock());
    if (direct !== null) this.#tidying.add(direct);
    this.#tidying.begin();
    return result;
  }

  rotated(sink: FileSink): void {
    this.#tidying.add(sink);
  }

  /** Goes on with the numbers of the last process, where its memory is left. */
  #numbering(channel: Channel): void {
    const { lines } = this.#ledger;
    if (lines === null) return;
    channel.place = lines.claim(channel.name);
    if (channel.place >= 0) channel.seq = lines.seq(channel.place);
  }

  #lookUpNumber(channel: Channel): void {
    const { file, name, place } = channel;
    channel.seq = file === null || file.style.format === "raw" ? 0 : lastNumber(file.path, name);
    // Before the first line is on its way: a supervisor after us must give it the same number.
    this.#ledger.lines?.setSeq(place, channel.seq);
  }

  /** A stream of which nothing is left but what the last process held. */
  #leftStream(channel: Channel, { run, id, stream: number }: StreamIdentity): PipeStream {
    const stream = new PipeStream(this, channel, { number: run, id }, number, -1);
    const part = this.#leftParts.get(stream.identity);
    if (part !== undefined) stream.resumePart(part);
    return stream;
  }

  #open(
    channel: Channel,
    run: { readonly number: number; readonly id: string },
    number: 0 | 1,
    fd: number,
  ): void {
    const stream = new PipeStream(this, channel, run, number, fd);
    const part = this.#leftParts.get(stream.identity);
    if (part !== undefined) stream.resumePart(part);
    this.#leftParts.delete(stream.identity);
    // Not push(): it would set space for 17 aside.
    channel.streams = [...channel.streams, stream];
    stream.resume();
  }

  #end(stream: PipeStream): void {
    stream.drain();
    // At the end of the pipe the drain has closed it.
    if (stream.channel.streams.includes(stream)) stream.close();
  }

  #channel(name: string): Channel {
    const channel = this.#channels.get(name);
    if (channel === undefined)
      throw new Error(`internal error: the log hub knows no service "${name}"`);
    return channel;
  }

  #drop(channel: Channel): void {
    for (const stream of channel.streams) this.#end(stream);
    this.#files.release(channel);
    this.#syslogs.release(channel);
    this.#channels.delete(channel.name);
    this.#terminal?.prefixes.forget(channel);
  }

  #setWidth(width: number): void {
    this.#width = width;
    this.#terminal?.prefixes.setWidth(width);
  }
}
