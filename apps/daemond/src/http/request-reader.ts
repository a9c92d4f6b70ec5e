import { createChunkedBody } from "./chunked-body.js";
import type { ChunkedBody } from "./chunked-body.js";
import { parseHead } from "./request.js";
import type { Head, Refusal, Request } from "./request.js";

export interface Limits {
  readonly headBytes: number;
  readonly bodyBytes: number;
}

export const LIMITS: Limits = { headBytes: 16_384, bodyBytes: 1_048_576 };

export type Read =
  | { readonly kind: "request"; readonly request: Request }
  /** Nothing is read after it: where the next request would begin is not known. */
  | { readonly kind: "refusal"; readonly refusal: Refusal }
  /** The client waits for leave to send its body. */
  | { readonly kind: "continue" };

/** The requests of one connection, out of bytes that come in any pieces. */
export interface RequestReader {
  push(bytes: Buffer): readonly Read[];
  /** Has a request begun that has not ended? */
  readonly midway: boolean;
}

/**
 * - head: up to the empty line.
 * - body: of a told length.
 * - chunk size, chunk, trailer: the parts of a chunked body; `body` is what has come of it.
 * - over: after a refusal.
 */
type State =
  | { readonly kind: "head" | "over" }
  | { readonly kind: "body"; readonly head: Head; readonly length: number }
  | { readonly kind: "chunk size" | "trailer"; readonly head: Head; readonly body: ChunkedBody }
  | {
      readonly kind: "chunk";
      readonly head: Head;
      readonly body: ChunkedBody;
      readonly length: number;
    };

/** "on": this part is done, look at the next one. "more": bytes are needed. */
type Step = Read | "on" | "more";

const CRLF = "\r\n";

export function createRequestReader(limits: Limits = LIMITS): RequestReader {
  let rest: Buffer = Buffer.alloc(0);
  let state: State = { kind: "head" };

  function refuse(status: Refusal["status"], why: string): Read {
    state = { kind: "over" };
    rest = Buffer.alloc(0);
    return { kind: "refusal", refusal: { status, why } };
  }

  function take(count: number): Buffer {
    const taken = rest.subarray(0, count);
    rest = rest.subarray(count);
    return taken;
  }

  /** Without its CRLF; null: its end has not come yet. */
  function takeLine(): string | null {
    const end = rest.indexOf(CRLF);
    return end < 0 ? null : take(end + CRLF.length).toString("latin1", 0, end);
  }

  function complete({ request }: Head, body: Buffer): Read {
    state = { kind: "head" };
    return { kind: "request", request: { ...request, body } };
  }

  function readHead(): Step {
    // An empty line before a request is a slip of old clients (RFC 9112, 2.2).
    while (rest.indexOf(CRLF) === 0) take(CRLF.length);
    const end = rest.indexOf(CRLF + CRLF);
    if (end > limits.headBytes || (end < 0 && rest.length > limits.headBytes))
      return refuse(431, `the head must have at most ${limits.headBytes} bytes`);
    if (end < 0) return "more";
    const head = parseHead(take(end + 2 * CRLF.length).toString("latin1", 0, end));
    if ("status" in head) return refuse(head.status, head.why);
    const chunked = head.length === "chunked";
    if (head.length !== "chunked" && head.length > limits.bodyBytes) return tooLarge();
    state =
      head.length === "chunked"
        ? { kind: "chunk size", head, body: createChunkedBody() }
        : { kind: "body", head, length: head.length };
    const wanted = chunked || head.length > 0;
    return wanted && head.expectsContinue && rest.length === 0 ? { kind: "continue" } : "on";
  }

  function readSize(head: Head, body: ChunkedBody): Step {
    const line = takeLine();
    if (line === null)
      return rest.length > limits.headBytes
        ? refuse(400, "a chunk must begin with its size")
        : "more";
    const size = /^([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?$/.exec(line)?.[1];
    if (size === undefined) return refuse(400, "a chunk must begin with its size");
    const length = Number.parseInt(size, 16);
    if (body.length + length > limits.bodyBytes) return tooLarge();
    state = length === 0 ? { kind: "trailer", head, body } : { kind: "chunk", head, body, length };
    return "on";
  }

  /** Its fields are read and left: nothing here asks for one. */
  function readTrailer(head: Head, body: ChunkedBody): Step {
    if (rest.length > limits.headBytes) return refuse(431, "the trailer is too long");
    for (let line = takeLine(); line !== null; line = takeLine())
      if (line === "") return complete(head, body.bytes());
    return "more";
  }

  function tooLarge(): Read {
    return refuse(413, `a body must have at most ${limits.bodyBytes} bytes`);
  }

  function readChunk(head: Head, body: ChunkedBody, length: number): Step {
    if (rest.length < length + CRLF.length) return "more";
    body.add(take(length));
    if (take(CRLF.length).toString("latin1") !== CRLF)
      return refuse(400, "a chunk must end where its size says");
    state = { kind: "chunk size", head, body };
    return "on";
  }

  function step(): Step {
    switch (state.kind) {
      case "over":
        rest = Buffer.alloc(0);
        return "more";
      case "head":
        return readHead();
      case "body":
        return rest.length < state.length ? "more" : complete(state.head, take(state.length));
      case "chunk size":
        return readSize(state.head, state.body);
      case "chunk":
        return readChunk(state.head, state.body, state.length);
      case "trailer":
        return readTrailer(state.head, state.body);
    }
  }

  return {
    push(bytes) {
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const found: Read[] = [];
      for (let read = step(); read !== "more"; read = step()) if (read !== "on") found.push(read);
      return found;
    },
    get midway() {
      return (state.kind !== "head" && state.kind !== "over") || rest.length > 0;
    },
  };
}
