import { deepEqual, equal, match } from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { test } from "node:test";
import { atEnd, createFakeClock, until } from "@supervise/testkit";
import type { FakeClock, TestScope } from "@supervise/testkit";
import { createConnections } from "#daemond/connections.js";
import type { Connections } from "#daemond/connections.js";
import { textResponse } from "#daemond/http/response.js";
import { get, open } from "./harness.js";

interface Table {
  readonly port: number;
  readonly clock: FakeClock;
  readonly connections: Connections;
  /** The daemon's ends. */
  readonly sockets: readonly Socket[];
  /** Without numbers of descriptors, peers and milliseconds. */
  readonly rows: string[];
}

/** Real connections by a clock that moves only when told. */
async function table(t: TestScope, answer = "yes"): Promise<Table> {
  const clock = createFakeClock();
  const rows: string[] = [];
  const connections = createConnections({
    clock: {
      ...clock,
      realtimeMicros: () => clock.nowMs() * 1000,
      monotonicNanos: () => BigInt(clock.nowMs()) * 1_000_000n,
    },
    row: (text) => rows.push(text.replaceAll(/connection \d+ from \S+/g, "it")),
    answer: () => textResponse(200, answer),
    idleTimeoutMs: () => 60_000,
  });
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    connections.accept(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, async () => {
    connections.stopScans();
    server.close();
    await connections.closeAll("at the test's end");
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { port, clock, connections, sockets, rows };
}

async function accepted(it: Table, count: number): Promise<void> {
  await until(() => it.connections.accepted === count, { what: `${count} connections` });
}

test("a client that sends nothing is closed after two waits of 5 s", async (t) => {
  const it = await table(t);
  const { end } = open(it.port);
  await accepted(it, 1);
  it.clock.advance(4_999);
  deepEqual(it.rows, ["accepted it"]);
  it.clock.advance(1);
  deepEqual(it.rows.slice(1), ["it sent nothing within 5 s: waiting once more"]);
  it.clock.advance(4_999);
  equal(it.rows.length, 2);
  it.clock.advance(1);
  equal(await end, "");
  await until(() => it.connections.size === 0, { what: "the table to be empty" });
  deepEqual(it.rows.slice(2), [
    "closed it for it sent nothing within 10 s, 0 requests, 10000.000 ms",
  ]);
  deepEqual(it.clock.armed, []);
});

test("the scan every 30 s closes what was idle for over 60 s, and nothing else", async (t) => {
  const it = await table(t);
  it.connections.startScans();
  const idle = open(it.port);
  const busy = open(it.port);
  for (const { socket } of [idle, busy]) {
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(socket, "data");
  }
  it.clock.advance(30_000);
  busy.socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await once(busy.socket, "data");
  it.clock.advance(30_000);
  equal(it.connections.size, 2, "60 s are not over 60 s");
  it.clock.advance(30_000);
  await idle.end;
  await until(() => it.connections.size === 1, { what: "one connection to be left" });
  deepEqual(it.rows.slice(2), ["closed it for it was idle for 90 s, 1 requests, 90000.000 ms"]);
  deepEqual(it.clock.armed, [120_000]);
});

test("a request that comes byte by byte is answered with 408 in the end", async (t) => {
  const it = await table(t);
  it.connections.startScans();
  const { socket, end } = open(it.port);
  await accepted(it, 1);
  for (let sent = 1; sent <= 9; sent += 1) {
    socket.write("G");
    await until(() => it.sockets[0]?.bytesRead === sent, { what: "the byte to be read" });
    equal(it.rows.length, 1);
    it.clock.advance(10_000);
  }
  match(await end, /^HTTP\/1\.1 408 /);
  await until(() => it.connections.size === 0, { what: "the table to be empty" });
  match(it.rows.at(-1) ?? "", /closed it for its request was not whole within 60 s/);
});

test("a refusal is the last answer, whatever follows the bad request", async (t) => {
  const it = await table(t);
  const { socket, end } = open(it.port);
  socket.write(`bad\r\n\r\n${get("/")}`);
  const text = await end;
  match(text, /^HTTP\/1\.1 400 Bad Request\r\n[^]*connection: close\r\n/);
  equal(text.split("HTTP/1.1").length, 2 + 1, "the words of the refusal name the version too");
});

test("a client that has closed its side is still answered", async (t) => {
  const it = await table(t);
  const { socket, end } = open(it.port);
  socket.end("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  match(await end, /\r\n\r\nyes\n$/);
});

test("several requests of one connection are answered in their order", async (t) => {
  const it = await table(t);
  const { socket, end } = open(it.port);
  const keep = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  socket.write(keep + keep + get("/"));
  equal((await end).match(/yes\n/g)?.length, 3);
  await until(() => it.connections.size === 0, { what: "the table to be empty" });
  match(it.rows.at(-1) ?? "", /as asked, 3 requests/);
});

test("a drain waits for what is in flight until its deadline", async (t) => {
  const it = await table(t);
  const half = open(it.port);
  const none = open(it.port);
  half.socket.write("GET / HT");
  await accepted(it, 2);
  await until(() => it.clock.armed.length === 1, { what: "the half request to be read" });
  const drained = it.connections.drain(5_000);
  equal(await none.end, "");
  await until(() => it.connections.size === 1, { what: "one connection to be left" });
  it.clock.advance(5_000);
  equal(await drained, 1);
  equal((await it.connections.closeAll("for the daemon ends")).length, 1);
  equal(await half.end, "");
});

test("a client that does not read its answers is not read either", async (t) => {
  const it = await table(t, "x".repeat(500_000));
  const { socket, end } = open(it.port);
  await accepted(it, 1);
  socket.pause();
  const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  socket.write(request.repeat(4) + get("/"));
  await until(() => it.connections.requests > 0, { what: "the first answer" });
  socket.resume();
  equal((await end).match(/xx\n/g)?.length, 5);
});
