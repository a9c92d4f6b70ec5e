import { errnoName, errnoText, pollEvents, type Kernel, type Poller } from "@supervise/sys";
import { decodeMessage, encodeMessage, LONGEST_PACKET, nameOfType } from "./codec.js";
import type { Exit, Hello, Settings, Signal, ToKeeper } from "./messages.js";

/** The socket to the keeper, and what it told before anything else. */
export interface Keeper {
  readonly hello: Hello;
  /** Descriptors of a deposit of an earlier generation, or of the keeper; the caller's from the first call on. Null: none, or taken already. */
  take(name: string): readonly number[] | null;
  /** Names of deposits that were not taken. */
  left(): readonly string[];
  /** Has the end of such a process been told and not been handed on yet? */
  knowsEndOf(pid: number): boolean;
  /** The messages that came since BEGIN, and from now on each, are handed to `listener`. */
  listen(listener: KeeperListener): void;
  /** Copies of the descriptors are kept by the keeper until they are withdrawn or replaced; ours stay ours. */
  deposit(name: string, descriptors: readonly number[]): void;
  withdraw(name: string): void;
  ready(): void;
  settings(settings: Omit<Settings, "type">): void;
  finished(exitCode: number, reason: string): void;
  upgrade(): void;
  /** Whether the keeper is still there. */
  readonly connected: boolean;
  /** Nothing is heard from here on, and once all is sent the event loop may end. The socket stays open: the keeper takes its end for our death. */
  close(): void;
}

export interface KeeperListener {
  /** Those that came together. They are acknowledged once this returns, so what they bring about must be written down by then. */
  readonly exits: (exits: readonly Exit[]) => void;
  /**
   * False: it will not be dealt with while we live, and the next supervisor is to hear of it; so of all signals from here on. A promise: it is
   * dealt with when that settles, and until then the same holds.
   */
  readonly signal: (signal: Signal) => boolean | Promise<unknown>;
  /** The keeper has refused a message, or said something that is none. */
  readonly problem: (message: string) => void;
  /** The keeper is gone. Nothing comes any more. */
  readonly gone: () => void;
}

type KeeperKernel = Pick<
  Kernel,
  "createPoller" | "receive" | "send" | "duplicate" | "close" | "setCloseOnExec"
>;

const EAGAIN = -11;

/**
 * Reads HELLO, the deposits and BEGIN from the inherited socket `fd`, which is the client's from here on. Rejects where the peer is no keeper
 * or ends before that.
 */
export async function openKeeper(kernel: KeeperKernel, fd: number): Promise<Keeper> {
  kernel.setCloseOnExec(fd, true);
  const deposits = new Map<string, readonly number[]>();
  const waitingExits: Exit[] = [];
  const waitingSignals: Signal[] = [];
  const unsent: { readonly bytes: Uint8Array; readonly descriptors: readonly number[] }[] = [];
  let hello: Hello | null = null;
  let listener: KeeperListener | null = null;
  let connected = true;
  /** Signals that were handed on and are not acknowledged, in order: the first that is not dealt with holds up the others. */
  const owed: { readonly number: number; dealt: boolean }[] = [];
  const told = { exits: 0, signals: 0 };
  const dealt = { exits: 0, signals: 0 };

  let closing = false;
  let begin: (hello: Hello) => void = () => undefined;
  let refuse: (error: Error) => void = () => undefined;
  const begun = new Promise<Hello>((resolve, reject) => {
    begin = resolve;
    refuse = reject;
  });

  const end = (why: string): void => {
    if (!connected) return;
    connected = false;
    poller.close();
    kernel.close(fd);
    for (const { descriptors } of unsent.splice(0)) descriptors.forEach(kernel.close);
    refuse(new Error(`cannot talk to the keeper: ${why}`));
    listener?.gone();
  };

  const watch = (): void => {
    if (closing && unsent.length === 0) return poller.close();
    const output = unsent.length > 0 ? pollEvents.output : 0;
    poller.modify(fd, 0, pollEvents.input | output);
  };

  const flush = (): void => {
    for (let first = unsent[0]; first !== undefined; first = unsent[0]) {
      const sent = kernel.send(fd, first.bytes, first.descriptors);
      if (sent === EAGAIN) return;
      unsent.shift();
      first.descriptors.forEach(kernel.close);
      if (sent < 0) return end(`${errnoText(sent)} (${errnoName(sent)})`);
    }
    watch();
  };

  const send = (message: ToKeeper, descriptors: readonly number[] = []): void => {
    if (!connected) return;
    const bytes = encodeMessage(message);
    const sent = unsent.length > 0 ? EAGAIN : kernel.send(fd, bytes, descriptors);
    if (sent >= 0) return;
    if (sent !== EAGAIN) return end(`${errnoText(sent)} (${errnoName(sent)})`);
    // The caller may close its own meanwhile.
    unsent.push({ bytes, descriptors: descriptors.map((one) => kernel.duplicate(one)) });
    watch();
  };

  const acknowledge = (): void => {
    if (told.exits === dealt.exits && told.signals === dealt.signals) return;
    Object.assign(told, dealt);
    send({ type: "acknowledge", ...dealt });
  };

  const deliver = (): void => {
    if (listener === null) return;
    const exits = waitingExits.splice(0);
    if (exits.length > 0) listener.exits(exits);
    dealt.exits = exits.at(-1)?.number ?? dealt.exits;
    for (const signal of waitingSignals.splice(0)) hand(listener, signal);
    settle();
  };

  const hand = (to: KeeperListener, signal: Signal): void => {
    const result = to.signal(signal);
    const one = { number: signal.number, dealt: result === true };
    owed.push(one);
    if (typeof result === "boolean") return;
    const mark = (): void => {
      one.dealt = true;
      settle();
    };
    result.then(mark, mark);
  };

  const settle = (): void => {
    while (owed[0]?.dealt === true) dealt.signals = owed.shift()?.number ?? dealt.signals;
    acknowledge();
  };

  const problem = (message: string): void => listener?.problem(message);

  const handle = (bytes: Uint8Array, descriptors: readonly number[]): void => {
    const message = decodeMessage(bytes);
    if (message.type !== "held") descriptors.forEach(kernel.close);
    switch (message.type) {
      case "hello":
        hello = message;
        return;
      case "held":
        deposits.set(message.name, descriptors);
        return;
      case "begin":
        if (hello === null) return end("it said BEGIN before HELLO");
        return begin(hello);
      case "exit":
        waitingExits.push(message);
        return;
      case "signal":
        waitingSignals.push(message);
        return;
      case "ping":
        return send({ type: "pong", number: message.number });
      case "refused":
        return problem(
          `the keeper has refused ${nameOfType(message.refusedType)}${message.name === "" ? "" : ` "${message.name}"`}: ${errnoText(-message.errno)} (${errnoName(-message.errno)})`,
        );
      case "bad":
        return problem(`the keeper sent what is no message: ${message.reason}`);
      default:
        return problem(`the keeper sent a supervisor's message: ${message.type.toUpperCase()}`);
    }
  };

  const receive = (): void => {
    for (;;) {
      // A message may have ended it.
      if (!connected) return;
      const packet = kernel.receive(fd, LONGEST_PACKET);
      if (packet === EAGAIN) break;
      if (typeof packet === "number") return end(`${errnoText(packet)} (${errnoName(packet)})`);
      // A packet without a header would be one of no bytes, which no keeper sends.
      if (packet.data.length === 0) return end("it has ended");
      handle(packet.data, packet.descriptors);
    }
    deliver();
  };

  const poller: Poller = kernel.createPoller((ready, count) => {
    for (let index = 0; index < count; index += 1) {
      const events = ready[2 * index + 1] ?? 0;
      if ((events & pollEvents.output) !== 0) flush();
      if (connected && (events & ~pollEvents.output) !== 0) receive();
    }
  });
  const added = poller.add(fd, 0, pollEvents.input);
  if (added < 0) end(`descriptor ${fd}: ${errnoText(added)} (${errnoName(added)})`);

  return {
    hello: await begun,
    take: (name) => {
      const descriptors = deposits.get(name) ?? null;
      deposits.delete(name);
      return descriptors;
    },
    left: () => [...deposits.keys()],
    knowsEndOf: (pid) => {
      if (listener === null && connected) receive();
      return waitingExits.some((exit) => exit.pid === pid);
    },
    listen: (next) => {
      listener = next;
      if (connected) receive();
      else next.gone();
    },
    deposit: (name, descriptors) => send({ type: "deposit", name }, descriptors),
    withdraw: (name) => send({ type: "withdraw", name }),
    ready: () => send({ type: "ready" }),
    settings: (settings) => send({ type: "settings", ...settings }),
    finished: (exitCode, reason) => send({ type: "finished", exitCode, reason }),
    upgrade: () => send({ type: "upgrade" }),
    get connected() {
      return connected;
    },
    close: () => {
      closing = true;
      if (connected) watch();
    },
  };
}
