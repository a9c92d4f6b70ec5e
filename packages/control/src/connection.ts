import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Caller } from "@supervise/model";
import type { ControlLimits } from "./limits.js";
import { errorBody, RequestError } from "./request-error.js";

/** One connection: who is there, what is being answered, and until when it must have sent a whole request. */
export class Connection {
  readonly socket: Socket;
  readonly #limits: ControlLimits;
  /** Told once, when the connection is refused and no longer holds a place. */
  readonly #released: () => void;
  #timer: NodeJS.Timeout | undefined;
  #readWhenPressed = 0;
  #answered = false;
  #answering: { readonly response: ServerResponse; readonly gone: AbortController } | null = null;
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;
  #refused = false;
  #last = false;
  /** Null until it is known. Root's, or the supervisor's own user's. */
  caller: Caller | null = null;

  constructor(socket: Socket, limits: ControlLimits, released: () => void) {
    this.socket = socket;
    this.#limits = limits;
    this.#released = released;
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      this.relax();
      released();
    });
  }

  /** True: nothing that comes is answered any more. */
  get over(): boolean {
    return this.#refused || this.socket.destroyed;
  }

  /** From now on a whole request must come in time. */
  press(): void {
    this.relax();
    this.#readWhenPressed = this.socket.bytesRead;
    this.#timer = setTimeout(() => this.#late(), this.#limits.requestMs);
  }

  /** A whole request is here. */
  relax(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /**
   * Has `answer` called when all requests before this one are answered; `gone` is aborted when the client goes away. `answer` must not reject,
   * and the turn is over when `response` is closed.
   */
  enqueue(
    response: ServerResponse,
    answer: (caller: Caller, gone: AbortSignal) => Promise<void>,
  ): void {
    if (this.#waiting > this.#limits.pipelined) {
      const message = `at most ${this.#limits.pipelined} requests may wait on one connection`;
      this.refuse(new RequestError(503, "too-many", message));
      return;
    }
    this.#waiting += 1;
    this.#turn = this.#turn.then(() => this.#take(response, answer));
  }

  /** Answers where there is no request to answer to, and ends the connection; without a word where an answer has begun. */
  refuse(error: RequestError): void {
    if (this.#refused) return;
    this.#refused = true;
    this.#released();
    this.relax();
    const { socket } = this;
    if (!socket.writable || this.#answering?.response.headersSent === true) {
      socket.destroy();
      return;
    }
    const body = errorBody(error);
    const head = [
      `HTTP/1.1 ${error.status} ${error.reason}`,
      "content-type: application/json",
      `content-length: ${Buffer.byteLength(body)}`,
      ...(error.allow === null ? [] : [`allow: ${error.allow}`]),
      "connection: close",
    ];
    // Its end is read, and whatever comes before it: a socket that is closed with bytes in it resets the connection, and takes the answer with it.
    socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
    // Not by the HTTP parser any more: a flood of requests would cost an object for each. It lets go of a socket that somebody else reads.
    socket.removeAllListeners("data");
    socket.on("data", discard);
    socket.resume();
    this.#timer = setTimeout(() => socket.destroy(), this.#limits.lingerMs);
  }

  /** Lets the answer that is under way end, and ends the connection after it. */
  finish(): void {
    this.#last = true;
    if (this.#answering === null && !this.#refused) this.socket.destroy();
  }

  /** Tells the stream that is under way to end. */
  leave(): void {
    this.#answering?.gone.abort();
  }

  async #take(
    response: ServerResponse,
    answer: (caller: Caller, gone: AbortSignal) => Promise<void>,
  ): Promise<void> {
    if (this.over || this.#last || this.caller === null) return;
    const gone = new AbortController();
    this.#answering = { response, gone };
    const closed = new Promise<void>((resolve) => {
      response.once("close", () => {
        gone.abort();
        resolve();
      });
    });
    await answer(this.caller, gone.signal);
    await closed;
    this.#answering = null;
    this.#waiting -= 1;
    this.#answered = true;
    if (this.socket.destroyed) return;
    this.socket.setTimeout(0);
    if (this.#last) this.socket.destroySoon();
    else if (!this.#refused) this.press();
  }

  #late(): void {
    const idle = this.#answered && this.socket.bytesRead === this.#readWhenPressed;
    if (idle) this.socket.destroy();
    else {
      const message = `a whole request must come within ${this.#limits.requestMs / 1_000} s`;
      this.refuse(new RequestError(408, "timeout", message));
    }
  }
}

function discard(): void {}
