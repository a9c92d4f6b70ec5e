import type { ClientRequest, IncomingMessage } from "node:http";
import { connectError, connectionLost, ControlError } from "./control-error.js";

/** One request to the control socket. */
export interface Ask {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  /** In place of `body`: what is written to the request afterwards. */
  readonly streams?: true;
  readonly signal?: AbortSignal | undefined;
  /** Statuses besides 2xx that carry an answer and no error. */
  readonly also?: readonly number[];
}

/** The answer, of a status that is no error. Throws `ControlError`. */
export async function open(socketPath: string, ask: Ask): Promise<IncomingMessage> {
  return (await exchange(socketPath, ask)).response;
}

/** The same, with the request, for whoever goes on writing to it. */
export async function exchange(
  socketPath: string,
  ask: Ask,
): Promise<{ readonly request: ClientRequest; readonly response: IncomingMessage }> {
  const http = await import("node:http");
  const body = ask.body === undefined ? null : JSON.stringify(ask.body);
  const made = await new Promise<{
    readonly request: ClientRequest;
    readonly response: IncomingMessage;
  }>((resolve, reject) => {
    const request = http.request({
      socketPath,
      method: ask.method,
      path: ask.path,
      agent: false,
      headers: {
        host: "supervise",
        ...(body === null
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
      },
      ...(ask.signal === undefined ? {} : { signal: ask.signal }),
    });
    request.once("response", (response) => resolve({ request, response }));
    request.on("error", (error: NodeJS.ErrnoException) => {
      // HPE_...: what answers does not speak HTTP.
      const foreign = error.code?.startsWith("HPE_") === true;
      reject(foreign ? badAnswer(socketPath, error) : connectError(socketPath, error));
    });
    if (ask.streams === true) request.flushHeaders();
    else request.end(body ?? undefined);
  });
  const { response } = made;
  const status = response.statusCode ?? 0;
  if ((status >= 200 && status < 300) || ask.also?.includes(status) === true) return made;
  throw errorOf(socketPath, status, await textOf(socketPath, response));
}

/** What answers is no supervisor. */
export function badAnswer(socketPath: string, cause: unknown): ControlError {
  const message = `cannot read the answer of control socket "${socketPath}": it is not a supervisor's`;
  return new ControlError("bad-answer", message, { cause });
}

function errorOf(socketPath: string, status: number, text: string): ControlError {
  try {
    const value: unknown = JSON.parse(text);
    if (isError(value)) return errorIn(value);
  } catch {
    // Not ours: told by its status below.
  }
  return new ControlError("bad-answer", `control socket "${socketPath}" answered ${status}`);
}

interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null };
}

/** The error that an answer is, or that a stream broke with. */
export function errorIn({ error }: ErrorBody): ControlError {
  return new ControlError(error.code, error.message, { hint: error.hint });
}

export function isError(value: unknown): value is ErrorBody {
  if (typeof value !== "object" || value === null || !("error" in value)) return false;
  const { error } = value;
  return typeof error === "object" && error !== null && "code" in error && "message" in error;
}

/** All of an answer. */
export async function textOf(socketPath: string, response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch (error) {
    throw connectionLost(socketPath, error);
  }
  return Buffer.concat(chunks).toString("utf8");
}
