import type { AttachEnd } from "@supervise/model";
import { badAnswer, exchange } from "./ask.js";
import { connectionLost } from "./control-error.js";
import { ATTACHMENT, END, RUN, STDIN, TTY } from "./attach-headers.js";

/** A service that one is attached to, from the client's side. */
export interface AttachedService {
  /** For `ControlClient.resizeTerminal`. */
  readonly id: number;
  readonly run: number;
  /** The service has a terminal. */
  readonly tty: boolean;
  /** What is sent goes somewhere. */
  readonly stdin: boolean;
  /** To be iterated once. Throws `ControlError` where the connection breaks; ends where it was left. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Settles when more may be sent. It never rejects: that the connection broke is told by `output`. */
  send(bytes: Uint8Array): Promise<void>;
  /** Nothing more will be sent. */
  endInput(): void;
  /** How it ended, once `output` has; null: it was left. */
  end(): AttachEnd | null;
}

/** `path` with its query. Throws `ControlError`. */
export async function attachTo(
  socketPath: string,
  path: string,
  signal: AbortSignal,
): Promise<AttachedService> {
  const { request, response } = await exchange(socketPath, {
    method: "POST",
    path,
    streams: true,
    signal,
  });
  const header = (name: string): string => String(response.headers[name] ?? "");
  const id = Number(header(ATTACHMENT));
  if (!Number.isSafeInteger(id) || id < 1) throw badAnswer(socketPath, null);
  // What goes wrong with it goes wrong with the answer too, and is told there.
  request.on("error", () => undefined);

  async function* output(): AsyncGenerator<Uint8Array> {
    try {
      yield* response as AsyncIterable<Buffer>;
    } catch (error) {
      if (!signal.aborted) throw connectionLost(socketPath, error);
    }
  }
  return {
    id,
    run: Number(header(RUN)),
    tty: header(TTY) === "true",
    stdin: header(STDIN) === "true",
    output: output(),
    send: (bytes) =>
      new Promise((resolve) => {
        if (request.destroyed || request.writableEnded || request.write(bytes)) return resolve();
        const settle = (): void => {
          request.off("drain", settle);
          request.off("close", settle);
          resolve();
        };
        request.once("drain", settle);
        request.once("close", settle);
      }),
    endInput: () => void request.end(),
    end: () => {
      const text = response.trailers[END];
      return text === undefined ? null : (JSON.parse(text) as AttachEnd | null);
    },
  };
}
