import type { LogLine } from "@supervise/model";
import { ByteRing } from "./byte-ring.js";
import { Channel } from "./channel.js";
import { ChannelSinks, type SinkOwner } from "./channel-sinks.js";
import type { DescriptorWatch } from "./descriptor-watch.js";
import { rotateChannel } from "./rotate-channel.js";
import { FileRows } from "./file-rows.js";
import { FileTidying } from "./file-tidying.js";
import type { Follower } from "./follower.js";
import { Followers } from "./followers.js";
import type { HeldPart } from "./held-part.js";
import { chunkBytes, Ledger, parseIdentity, parseRowIdentity, type LeftChunk } from "./ledger.js";
import { emptyBatch, type ReusedBatch } from "./line-batch.js";
import { LeftStreams } from "./left-streams.js";
import type { LineOrigin } from "./line-origin.js";
import type { LogFile } from "./log-file.js";
import { LineNumbering } from "./line-numbering.js";
import { LineWatchers } from "./line-watchers.js";
import type {
  FollowOptions,
  LoggedService,
  LogHub,
  LogHubOptions,
  OutputDescriptors,
} from "./log-hub.js";
import { PausedReaders, type PausedReader } from "./paused-reader.js";
import { OutputTaps, type OutputTap, type TappedRun } from "./output-taps.js";
import { PipeStream, type PipeOwner, type PipeRun } from "./pipe-stream.js";
import type { LogKernel, LogProblem } from "./problem.js";
import type { RunMark } from "./row-format.js";
import { RunMarks } from "./run-marks.js";
import { handMessage, linesOf, type ServiceMessage } from "./service-message.js";
import { ServiceRings } from "./service-rings.js";
import { tailOf } from "./tail.js";
import type { MessageLevel } from "./terminal-prefix.js";
import { TerminalSink, type TerminalOwner, type TerminalView } from "./terminal-sink.js";

/** See `LogHub`. */
export class Hub implements LogHub, PipeOwner, TerminalOwner, SinkOwner {
  readonly kernel: LogKernel;
  readonly watch: DescriptorWatch;
  readonly buffer: Buffer;
  readonly ring: ByteRing;
  readonly ends: Uint32Array = new Uint32Array(chunkBytes + 1);
  readonly rows: FileRows = new FileRows();
  readonly ledger: Ledger;
  readonly options: LogHubOptions;
  readonly #terminal: TerminalSink | null;
  readonly #channels = new Map<string, Channel>();
  readonly #sinks = new ChannelSinks(this, this.#channels);
  readonly #tidying = new FileTidying({
    files: () => this.#sinks.files.values(),
    totalBytes: () => this.#sinks.files.totalBytes(),
    problem: (problem) => this.problem(problem),
  });
  readonly #marks: RunMarks;
  readonly #followers: Followers;
  readonly #watchers = new LineWatchers();
  readonly #numbers: LineNumbering;
  readonly #paused = new PausedReaders();
  taps: OutputTaps | null = null;
  #sources = 0;
  #arrivals = 0;
  /** Characters of the longest name. */
  #width = 0;
  #timeMicros = 0;
  #handing = false;
  readonly #left: LeftStreams;
  readonly #batch: ReusedBatch;
  readonly #rings: ServiceRings;

  constructor(options: LogHubOptions) {
    this.kernel = options.kernel;
    this.watch = options.watch;
    this.options = options;
    this.ledger = new Ledger(options.memory ?? null);
    this.#numbers = new LineNumbering(this.ledger);
    this.#rings = new ServiceRings(options.ringBytes, options.lines);
    this.#marks = new RunMarks(this.ledger, this.#numbers, this.rows);
    this.#followers = new Followers(options.followerBytes);
    this.buffer = this.ledger.chunk;
    this.ring =
      options.terminal === null
        ? new ByteRing(Buffer.alloc(0), this.ledger.noRing())
        : new ByteRing(this.ledger.ringBytes(), this.ledger.ringEnds);
    this.#left = new LeftStreams(this, this.ledger);
    this.#terminal = options.terminal === null ? null : new TerminalSink(options.terminal, this);
    this.#batch = emptyBatch(this.buffer, this.ends);
  }

  get blocked(): boolean {
    return this.#terminal?.blocked ?? false;
  }

  get limited(): boolean {
    return this.#sinks.files.totalBytes() !== null;
  }

  get view(): TerminalView | null {
    return this.#terminal;
  }

  get lasting(): boolean {
    return this.ledger.lasting;
  }

  get handing(): boolean {
    return this.#handing;
  }

  clock(): number {
    return this.options.clock();
  }

  problem(problem: LogProblem): void {
    this.options.onProblem(problem);
  }

  endInput(service: string, ended: () => void): void {
    this.#sinks.endInput(service, ended);
  }

  configure(service: LoggedService): void {
    const known = this.#channels.get(service.name);
    const channel = known ?? new Channel(service.name, ++this.#sources);
    if (known === undefined) {
      this.#channels.set(service.name, channel);
      if (service.name.length > this.#width) this.#setWidth(service.name.length);
      this.#numbers.begin(channel);
    }
    channel.setSecrets(service.secrets ?? []);
    this.#sinks.configure(channel, service.logging);
  }

  forget(name: string): void {
    const channel = this.#channels.get(name);
    if (channel === undefined) return;
    this.#sinks.forgetPlaces(channel);
    this.#drop(channel);
    this.ledger.lines?.release(name);
    channel.ring?.release();
    if (name.length === this.#width)
      this.#setWidth(Math.max(0, ...Array.from(this.#channels.keys(), (other) => other.length)));
  }

  resume(): void {
    this.#arrivals = this.#rings.restore(this.#channels.values());
    this.#numbers.resumeLost(this.#channels.values());
    const left = this.ledger.leftChunk();
    const row = left === null ? null : parseRowIdentity(left.identity);
    if (left !== null && row !== null) this.#marks.resume(this.#channels, row, left, this.buffer);
    else if (left !== null) this.#resumeChunk(left);
    for (const channel of this.#channels.values()) this.#numbers.resumeLostOnTheWay(channel);
    for (const channel of this.#channels.values()) channel.ring?.settle();
  }

  #resumeChunk(left: LeftChunk): void {
    const whose = parseIdentity(left.identity);
    const channel = whose === null ? undefined : this.#channels.get(whose.service);
    // The service has left the configuration: nobody wants its lines.
    if (whose === null || channel === undefined) return this.ledger.abandon();
    const stream = this.#left.of(channel, whose);
    if (left.file !== null) channel.file?.leaveOut(left.file);
    channel.others?.leaveOut(left.others, (place) => this.ledger.lines?.seq(place) ?? 0);
    this.#numbers.lookUp(channel);
    this.#timeMicros = left.timeMicros;
    this.#handing = true;
    stream.replay(left);
    this.#left.keep(left.identity, stream.part);
  }

  endLeft(): void {
    this.#left.end((service) => this.#channels.get(service));
    this.ledger.releaseRests((service) => this.#sinks.hasInlet(service));
  }

  markRun(name: string, mark: RunMark): void {
    const written = this.#marks.write(this.#channels.get(name), mark, this.options.clock);
    if (written) this.#tidying.begin();
  }

  numberRunsAnew(name: string): void {
    this.#marks.forget(this.#channels.get(name));
  }

  openRun(name: string, run: number, output: OutputDescriptors, id = ""): void {
    const channel = this.#channel(name);
    const which = { number: run, id };
    if (output.stdout !== null) this.#open(channel, which, 0, output.stdout);
    if (output.stderr !== null) this.#open(channel, which, 1, output.stderr);
  }

  drain(name: string): void {
    this.#channels.get(name)?.drain();
  }

  closeRun(name: string, run: number): void {
    this.#channels.get(name)?.closeRun(run);
  }

  tail(names: readonly string[] | null, lines: number | null): LogLine[] {
    return tailOf(this.#channels, names, lines);
  }

  follow(names: readonly string[] | null, options: FollowOptions = {}): Follower {
    const { lines = 0, signal } = options;
    return this.#followers.add(names, lines === 0 ? [] : this.tail(names, lines), signal);
  }

  watchLines(
    name: string,
    run: number,
    pattern: RegExp,
    onMatch: (text: string) => void,
  ): () => void {
    return this.#watchers.add(this.#channel(name), run, pattern, onMatch);
  }

  tap(name: string, run: number, tap: OutputTap): TappedRun | null {
    this.taps ??= new OutputTaps();
    return this.taps.add(this.#channels.get(name)?.streams ?? [], run, tap);
  }

  takeMessage(name: string, message: ServiceMessage): boolean {
    const channel = this.#channels.get(name);
    if (channel === undefined) return false;
    this.#timeMicros = this.options.clock();
    this.#numbers.lookUp(channel);
    this.#numbers.promise(channel, linesOf(message));
    handMessage(this, channel, message);
    this.#handedOn();
    return true;
  }

  say(text: string, level: MessageLevel): void {
    this.#terminal?.say(this.options.hide?.(text) ?? text, level);
  }

  async flush(): Promise<void> {
    await Promise.all([
      this.#terminal?.flush(),
      this.#tidying.settled(),
      this.#sinks.syslogs.flush(),
      this.#sinks.files.flush(),
    ]);
  }

  close(): void {
    for (const channel of this.#channels.values()) this.#drop(channel);
    this.#sinks.files.close();
    this.#tidying.close();
    this.#followers.end();
    this.#terminal?.close();
  }

  pause(reader: PausedReader): void {
    this.#paused.add(reader);
  }

  unblocked(): void {
    this.#paused.resumeAll();
  }

  ended(stream: PipeStream): void {
    this.#paused.delete(stream);
    const left = stream.channel.streams.filter((other) => other !== stream);
    stream.channel.streams = left;
    this.taps?.ended(stream, !left.some(({ run }) => run === stream.run));
  }

  beginChunk(stream: PipeStream, length: number): void {
    this.#timeMicros = this.options.clock();
    this.#numbers.lookUp(stream.channel);
    if (this.lasting)
      this.ledger.begin(
        stream.identity,
        length,
        this.#timeMicros,
        stream.channel.file?.mark() ?? null,
        stream.channel.others?.marks() ?? null,
      );
    this.#handing = true;
  }

  shortenChunk(length: number): void {
    if (length > 0) return this.ledger.shorten(length);
    this.ledger.abandon();
    this.#handing = false;
  }

  claimPart(identity: string): HeldPart {
    return this.ledger.claimPart(identity);
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
    channel.others?.write(batch);
    this.#terminal?.add(batch, channel.drops);
    channel.ring ??= this.#rings.create(channel);
    channel.ring.append(batch);
    this.#followers.offer(batch);
    this.#watchers.look(channel, batch);
  }

  endChunk(stream: PipeStream): void {
    const { place, seq } = stream.channel;
    this.ledger.commit(stream.partToKeep(), stream.splitter, this.ring.tail, place, seq);
    this.#handing = false;
    this.#handedOn();
  }

  /** The lines are in all sinks, and their memory is free again. */
  #handedOn(): void {
    this.#terminal?.publish();
    this.#tidying.begin();
    this.#watchers.tell();
  }

  lost(service: string, sink: LogFile, from: number, negativeErrno: number): void {
    this.#numbers.lost(this.#channels.get(service), sink, from, negativeErrno);
  }

  input(service: string): number {
    return this.options.input?.(service) ?? -1;
  }

  rotate(name: string): number | null {
    const channel = this.#channels.get(name);
    const result = channel === undefined ? null : rotateChannel(channel, this.clock());
    if (result !== null && channel?.direct) this.#tidying.add(channel.direct);
    this.#tidying.begin();
    return result;
  }

  get hangs(): boolean {
    return this.#sinks.files.busy;
  }

  rotated(sink: LogFile): void {
    this.#tidying.add(sink);
  }

  #open(channel: Channel, run: PipeRun, number: 0 | 1, fd: number): void {
    const stream = new PipeStream(this, channel, run, number, fd);
    this.#left.resume(stream);
    channel.opened(stream);
    stream.resume();
  }

  #channel(name: string): Channel {
    const channel = this.#channels.get(name);
    if (channel === undefined)
      throw new Error(`internal error: the log hub knows no service "${name}"`);
    return channel;
  }

  #drop(channel: Channel): void {
    for (const stream of channel.streams) stream.end();
    this.#sinks.release(channel);
    this.#channels.delete(channel.name);
    this.#terminal?.prefixes.forget(channel);
  }

  #setWidth(width: number): void {
    this.#width = width;
    this.#terminal?.prefixes.setWidth(width);
  }
}
