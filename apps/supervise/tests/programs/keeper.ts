/**
 * A keeper without its robustness, for tests of the supervisor's part of the protocol (docs/keeper.md): `keeper.js COMMAND...` starts the command as its
 * supervisor, anew whenever it ends without FINISHED, and ends with its code. Each message from the supervisor is a line of JSON on descriptor 3, where
 * that is open.
 */
import { writeSync } from "node:fs";
import { decodeMessage, encodeMessage, LONGEST_PACKET } from "@supervise/process";
import type { Exit, KeeperMessage, Signal } from "@supervise/process";
import { createKernel, signalNumber } from "@supervise/sys";

const kernel = createKernel();
const EAGAIN = -11;
const deposits = new Map<string, readonly number[]>();
let exits: Exit[] = [];
let signals: Signal[] = [];
let exitNumber = 0;
let signalNumbers = 0;
let generation = 0;
let supervisor = 0;
let socket = -1;
let previous = { previousEnd: 0, previousStatus: 0, previousEndedAtMs: 0 };
let finished: number | null = null;

const environment = kernel.memoryFile("environment");
for (const [name, value] of Object.entries(process.env)) {
  const entry = Buffer.from(`${name}=${value ?? ""}\0`);
  kernel.write(environment, entry, 0, entry.length);
}
deposits.set("environment", [environment]);

kernel.setSubreaper(true);

function send(message: KeeperMessage, descriptors: readonly number[] = []): void {
  kernel.send(socket, encodeMessage(message), descriptors);
}

function trace(line: unknown): void {
  try {
    writeSync(3, `${JSON.stringify(line)}\n`);
  } catch {
    // Nobody listens.
  }
}

function start(): void {
  const pair = kernel.socketPair();
  if (typeof pair === "number") throw new Error(`cannot make a pair of sockets: ${pair}`);
  const [ours, theirs] = pair;
  socket = ours;
  generation += 1;
  const words = process.argv.slice(2);
  const spawned = kernel.spawn({
    files: [words[0] ?? ""],
    argv: words,
    env: [
      ...Object.entries(process.env).map(([name, value]) => `${name}=${value ?? ""}`),
      "SUPERVISE_KEEPER=9",
    ],
    descriptors: [0, 1, 2, -1, -1, -1, -1, -1, -1, theirs],
    session: "inherit",
  });
  kernel.close(theirs);
  if (!("pid" in spawned)) throw new Error(`cannot start the supervisor: ${spawned.stage}`);
  supervisor = spawned.pid;
  send({
    type: "hello",
    exitsLost: 0,
    signalsLost: 0,
    version: 1,
    generation,
    ...previous,
    initPid: process.pid,
    flags: 2,
  });
  for (const [name, descriptors] of deposits) send({ type: "held", name }, descriptors);
  send({ type: "begin" });
  for (const message of [...exits, ...signals]) send(message);
  poller.add(socket, 0, 1);
}

function handle(message: KeeperMessage, descriptors: readonly number[]): void {
  trace(message);
  switch (message.type) {
    case "deposit":
      for (const fd of deposits.get(message.name) ?? []) kernel.close(fd);
      deposits.set(message.name, descriptors);
      return;
    case "withdraw":
      for (const fd of deposits.get(message.name) ?? []) kernel.close(fd);
      deposits.delete(message.name);
      return;
    case "acknowledge":
      exits = exits.filter(({ number }) => number > message.exits);
      signals = signals.filter(({ number }) => number > message.signals);
      return;
    case "finished":
      finished = message.exitCode;
      trace({ reason: message.reason });
      return;
    default:
  }
}

function read(): void {
  for (;;) {
    const packet = kernel.receive(socket, LONGEST_PACKET);
    if (packet === EAGAIN || typeof packet === "number" || packet.data.length === 0) return;
    const message = decodeMessage(packet.data);
    if (message.type === "bad") trace(message);
    else handle(message, packet.descriptors);
  }
}

const poller = kernel.createPoller(read);

function collect(): void {
  for (const ended of kernel.reap(() => false)) {
    trace({ ended: ended.pid, code: ended.code, signal: ended.signal });
    if (ended.pid === supervisor) {
      supervisorEnded(ended);
      continue;
    }
    const message: Exit = {
      type: "exit",
      number: (exitNumber += 1),
      atMs: Date.now(),
      userCpuMicros: ended.userCpuMicros,
      systemCpuMicros: ended.systemCpuMicros,
      maxRssBytes: ended.maxRssBytes,
      pid: ended.pid,
      code: ended.signal === null ? 1 : ended.coreDumped ? 3 : 2,
      status: ended.code ?? ended.signal ?? 0,
    };
    exits.push(message);
    if (socket >= 0) send(message);
  }
}

function supervisorEnded(ended: {
  readonly code: number | null;
  readonly signal: number | null;
}): void {
  read();
  poller.remove(socket);
  kernel.close(socket);
  socket = -1;
  if (finished !== null || generation > 100) {
    process.exitCode = finished ?? 70;
    poller.close();
    for (const signal of FORWARDED) process.removeAllListeners(signal);
    return;
  }
  previous = {
    previousEnd: ended.signal === null ? 1 : 2,
    previousStatus: ended.code ?? ended.signal ?? 0,
    previousEndedAtMs: Date.now(),
  };
  start();
}

const FORWARDED = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
for (const name of FORWARDED)
  process.on(name, () => {
    const message: Signal = {
      type: "signal",
      number: (signalNumbers += 1),
      atMs: Date.now(),
      value: 0n,
      signal: signalNumber(name) ?? 0,
      code: 0,
      senderPid: process.ppid,
      senderUid: process.getuid?.() ?? 0,
    };
    signals.push(message);
    if (socket >= 0) send(message);
  });
process.on("SIGCHLD", collect);
start();
collect();
