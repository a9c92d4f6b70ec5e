import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import {
  serveControl,
  type ControlOptions,
  type ControlServer,
  type ControlTarget,
} from "@supervise/control";
import { assertNoLeaks, atEnd, temporaryDirectory, type TestScope } from "@supervise/testkit";

export interface Serving {
  readonly path: string;
  readonly server: ControlServer;
  readonly warnings: string[];
}

/** Serves on a socket in a directory of the test's own; at its end nothing of it is left, or the test fails. */
export async function serve(
  t: TestScope,
  target: ControlTarget,
  more: Partial<ControlOptions> = {},
): Promise<Serving> {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "control");
  const warnings: string[] = [];
  const server = await serveControl(target, {
    path,
    peer: () => ({ pid: 4242, uid: 0, gid: 0 }),
    ownUid: 0,
    onWarning: (message) => warnings.push(message),
    ...more,
  });
  atEnd(t, () => server.close());
  return { path, server, warnings };
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One request through Node's client. */
export function ask(path: string, line: string, body?: unknown): Promise<Reply> {
  const [method = "GET", url = "/"] = line.split(" ");
  const sent = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      socketPath: path,
      method,
      path: url,
      agent: false,
      headers: sent === undefined ? {} : { "content-length": Buffer.byteLength(sent) },
    });
    request.on("error", reject);
    request.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("error", reject);
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    request.end(sent);
  });
}

/** Status and code of the error in an answer: "404 unknown-service". */
export function errorOf({ status, text }: { status: number; text: string }): string {
  const { error } = JSON.parse(text) as { error: { code: string; message: string } };
  return `${status} ${error.code}`;
}

/** A connection that is spoken on byte by byte. */
export interface Raw {
  readonly socket: Socket;
  /** All that came so far. */
  readonly heard: () => string;
  /** Settles when the other side has closed. */
  readonly closed: Promise<void>;
}

export async function connectRaw(t: TestScope, path: string): Promise<Raw> {
  const socket = connect({ path });
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => (text += chunk));
  // What breaks shows in what is heard.
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
  atEnd(t, async () => {
    socket.destroy();
    await closed;
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return { socket, heard: () => text, closed };
}

/** Says `bytes` on a connection of its own and returns all that is answered until the server closes it. */
export async function say(t: TestScope, path: string, bytes: string | Uint8Array): Promise<string> {
  const raw = await connectRaw(t, path);
  raw.socket.write(bytes);
  await raw.closed;
  return raw.heard();
}
