import { causeOf, errno } from "./problem.js";
import type { SyslogTransport, TransportEvents } from "./syslog-transport.js";

/** So much waits for a daemon that is slow or away, in bytes; more is not taken. */
const waitingLimitBytes = 1024 * 1024;
/** Waits between two tries to find a daemon, in milliseconds: doubled from the first to the last. */
const firstRetryMs = 250;
const lastRetryMs = 8_000;

/** Calls once, after so many milliseconds; returns its undo. Does not keep the program going. */
export type After = (delayMs: number, call: () => void) => () => void;

export interface LinkOwner {
  readonly after: After;
  /** One sentence about the daemon. */
  say(message: string): void;
  /** Nothing waits any more: what was lost can be told to the daemon. */
  drained(link: SyslogLink): void;
}

/**
 * Messages on their way to one syslog daemon, in order. What finds no room or no listener waits, up to a limit; a daemon that was away is found again
 * by trying now and then. That it is away is said once, and once that it is back; of a daemon that is there and loses messages, each kind of loss is said
 * once, for it may come and go many times a second.
 */
export class SyslogLink {
  readonly name: string;
  /** Services that send here; the owner's to count. */
  users = 0;
  readonly #owner: LinkOwner;
  readonly #transport: SyslogTransport;
  readonly #said = new Set<string>();
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #retry: { readonly cancel: () => void } | null = null;
  #retryMs = firstRetryMs;
  /** Why there is no daemon; 0: there is one, or nobody has tried. */
  #away = 0;
  #lost = 0;
  /** Why the last of them was. */
  #lostFor = 0;
  #settle: (() => void)[] = [];

  /** `name` is the address as people write it. */
  constructor(
    name: string,
    owner: LinkOwner,
    connect: (events: TransportEvents) => SyslogTransport,
  ) {
    this.name = name;
    this.#owner = owner;
    this.#transport = connect({
      onReady: () => this.#flow(),
      onLost: (cause) => this.#lose("delivered", cause),
    });
  }

  /** Why messages are not taken, as a negative errno: for lack of a daemon, or of room for its messages. */
  get cause(): number {
    return this.#away === 0 ? errno.EAGAIN : this.#away;
  }

  /** False: it was not taken, and never will be. The bytes must not change any more. */
  send(message: Buffer): boolean {
    if (this.#waiting.length > 0) {
      if (this.#waitingBytes + message.length <= waitingLimitBytes) {
        this.#wait(message);
        return true;
      }
      if (this.#away === 0) this.#lose("room", errno.EAGAIN);
      else this.#lost += 1;
      return false;
    }
    const outcome = this.#transport.send(message);
    if (outcome.kind === "refused") {
      this.#lose("refused", outcome.errno);
      return false;
    }
    if (outcome.kind === "sent") this.#found();
    else this.#wait(message);
    if (outcome.kind === "gone") this.#lack(outcome.errno);
    return true;
  }

  /** Settles when nothing waits, or what waits has nobody to go to. */
  flush(): Promise<void> {
    if (this.#waiting.length === 0 || this.#retry !== null) return Promise.resolve();
    return new Promise((resolve) => this.#settle.push(resolve));
  }

  /** Tries once more, and says how many were not sent. */
  close(): void {
    if (this.#waiting.length > 0) this.#flow();
    this.#retry?.cancel();
    this.#retry = null;
    this.#lost += this.#waiting.length;
    this.#waiting = [];
    if (this.#lost > 0) {
      const cause = causeOf(this.#away || this.#lostFor || this.cause);
      this.#owner.say(`cannot send to syslog "${this.name}": ${cause}; ${this.#lostText()}`);
    }
    this.#settled();
    this.#transport.close();
  }

  #wait(message: Buffer): void {
    this.#waiting.push(message);
    this.#waitingBytes += message.length;
  }

  /** Sends until nothing waits or something has to be waited for. */
  #flow(): void {
    this.#retry?.cancel();
    this.#retry = null;
    let done = 0;
    for (const message of this.#waiting) {
      const outcome = this.#transport.send(message);
      if (outcome.kind === "gone") this.#lack(outcome.errno);
      if (outcome.kind === "gone" || outcome.kind === "full") break;
      if (outcome.kind === "refused") this.#lose("refused", outcome.errno);
      done += 1;
      this.#waitingBytes -= message.length;
    }
    this.#waiting.splice(0, done);
    if (this.#waiting.length === 0 || this.#retry !== null) this.#settled();
    if (this.#waiting.length > 0) return;
    this.#found();
    this.#owner.drained(this);
  }

  /** There is no daemon now. */
  #lack(cause: number): void {
    if (this.#away === 0)
      this.#owner.say(
        `cannot send to syslog "${this.name}": ${causeOf(cause)}; the services go on, their lines wait for it as far as there is room`,
      );
    this.#away = cause;
    if (this.#retry !== null) return;
    this.#retry = { cancel: this.#owner.after(this.#retryMs, () => this.#flow()) };
    this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs);
  }

  /** The daemon took what there was. */
  #found(): void {
    this.#retryMs = firstRetryMs;
    if (this.#away === 0) return;
    this.#away = 0;
    this.#owner.say(`syslog "${this.name}" is there again; ${this.#lostText()}`);
    this.#lost = 0;
  }

  #lose(kind: "room" | "refused" | "delivered", cause: number): void {
    this.#lost += 1;
    this.#lostFor = cause;
    if (this.#said.has(kind)) return;
    this.#said.add(kind);
    this.#owner.say(
      `cannot send to syslog "${this.name}": ${causeOf(cause)}; the services go on, and messages are lost`,
    );
  }

  #lostText(): string {
    if (this.#lost === 0) return "nothing was lost";
    return this.#lost === 1 ? "1 message was lost" : `${this.#lost} messages were lost`;
  }

  #settled(): void {
    const settle = this.#settle;
    this.#settle = [];
    for (const resolve of settle) resolve();
  }
}
