import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "@supervise/control";
import type { Attachment, AttachEnd, AttachQuery } from "@supervise/model";
import { until } from "@supervise/testkit";
import { fakeTarget } from "./fake-target.js";
import { ask, connectRaw, errorOf, serve } from "./serving.js";

/** Sends back what it is sent until that holds "exit". */
class Echo implements Attachment {
  readonly id = 7;
  readonly run = 3;
  readonly tty = true;
  readonly stdin = true;
  readonly query: AttachQuery;
  readonly signal: AbortSignal;
  end: AttachEnd | null = null;
  received = "";
  #chunks: Uint8Array[] = [];
  #wake: () => void = () => undefined;

  constructor(query: AttachQuery, signal: AbortSignal) {
    this.query = query;
    this.signal = signal;
    signal.addEventListener("abort", () => this.#wake(), { once: true });
  }

  send(bytes: Uint8Array): Promise<void> {
    this.received += Buffer.from(bytes).toString("latin1");
    this.#chunks.push(bytes);
    if (this.received.includes("exit"))
      this.end = { kind: "ended", run: 3, status: { kind: "code", code: 4 }, text: "über Ende" };
    this.#wake();
    return Promise.resolve();
  }

  readonly output: AsyncIterable<Uint8Array> = this.#read();

  async *#read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) yield chunk;
      else if (this.end !== null || this.signal.aborted) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

interface Scene {
  readonly path: string;
  readonly made: readonly Echo[];
  readonly sizes: readonly unknown[];
}

async function scene(t: Parameters<typeof serve>[0]): Promise<Scene> {
  const made: Echo[] = [];
  const sizes: unknown[] = [];
  const target = fakeTarget({
    attach: (query, signal) => {
      const echo = new Echo(query, signal);
      made.push(echo);
      return Promise.resolve(echo);
    },
    resizeTerminal: (name, id, size) => {
      sizes.push([name, id, size]);
      return id === 7;
    },
  });
  const { path } = await serve(t, target);
  return { path, made, sizes };
}

test("bytes go both ways while the request has no end, and a trailer tells how it ended", async (t) => {
  const { path, made, sizes } = await scene(t);
  const client = createClient({ socketPath: path });
  const query = { name: "repl", size: { columns: 90, rows: 40 } };
  const service = await client.attach(query, new AbortController().signal);
  deepEqual([service.id, service.run, service.tty, service.stdin], [7, 3, true, true]);
  deepEqual(made[0]?.query, query);
  await client.resizeTerminal("repl", 7, { columns: 91, rows: 41 });
  deepEqual(sizes, [["repl", 7, { columns: 91, rows: 41 }]]);
  const all = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
  await service.send(all);
  let got = Buffer.alloc(0);
  for await (const bytes of service.output) {
    got = Buffer.concat([got, bytes]);
    if (got.length === all.length) await service.send(Buffer.from("exit"));
  }
  deepEqual(got, Buffer.concat([all, Buffer.from("exit")]));
  deepEqual(service.end(), {
    kind: "ended",
    run: 3,
    status: { kind: "code", code: 4 },
    text: "über Ende",
  });
});

test("whoever leaves has left: the attachment's signal is aborted, and nothing is thrown", async (t) => {
  const { path, made } = await scene(t);
  const abort = new AbortController();
  const client = createClient({ socketPath: path });
  const service = await client.attach({ name: "repl", size: null }, abort.signal);
  equal(made[0]?.query.size, null);
  await service.send(Buffer.from("x"));
  for await (const bytes of service.output) {
    equal(bytes.length, 1);
    abort.abort();
  }
  equal(service.end(), null);
  await until(() => made[0]?.signal.aborted === true, { what: "the attachment to be left" });
});

test("a client that is cut off while it types leaves nothing behind", async (t) => {
  const { path, made } = await scene(t);
  const raw = await connectRaw(t, path);
  raw.socket.write(
    "POST /v1/services/repl/attach HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
  );
  await until(() => made[0]?.received === "abc", { what: "what was typed to arrive" });
  raw.socket.destroy();
  await until(() => made[0]?.signal.aborted === true, { what: "the attachment to be left" });
});

test("a size is whole and both numbers of it are given, and a resize is of somebody who is attached", async (t) => {
  const { path, made } = await scene(t);
  for (const query of ["columns=80", "columns=0&rows=3", "columns=80&rows=65536", "size=3"])
    match(errorOf(await ask(path, `POST /v1/services/repl/attach?${query}`)), /^400 /, query);
  equal(made.length, 0);
  const resize = (body: unknown): Promise<string> =>
    ask(path, "POST /v1/services/repl/resize", body).then(errorOf);
  equal(await resize({ attachment: 8, columns: 3, rows: 3 }), "409 not-attached");
  equal(await resize({ columns: 3, rows: 3 }), "400 bad-value");
  equal(await resize({ attachment: 7, columns: 3.5, rows: 3 }), "400 bad-value");
});

test("one cannot attach to what does not run: the reason is an answer, also to a client that types already", async (t) => {
  const { path } = await serve(t, fakeTarget());
  const client = createClient({ socketPath: path });
  await rejects(
    client.attach({ name: "db", size: null }, new AbortController().signal),
    (error: Error & { code?: string }) =>
      error.code === "not-attachable" && /"db": it is not running/.test(error.message),
  );
});
