import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { createRequestReader, LIMITS } from "#daemond/http/request-reader.js";
import type { Read } from "#daemond/http/request-reader.js";
import { createRoutes, route } from "#daemond/http/routes.js";

/** What is read of these bytes, in pieces of this length; a request as "METHOD PATH BODY", a refusal as its status. */
function read(text: string, pieceBytes = text.length): readonly string[] {
  const reader = createRequestReader();
  const bytes = Buffer.from(text, "latin1");
  const found: Read[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes)
    found.push(...reader.push(bytes.subarray(at, at + pieceBytes)));
  return found.map((one) => {
    if (one.kind === "refusal") return String(one.refusal.status);
    if (one.kind === "continue") return "continue";
    const { method, path, body, keepAlive } = one.request;
    return `${method} ${path} ${body.toString("latin1")}${keepAlive ? "" : " close"}`;
  });
}

const host = "Host: x\r\n";
const cases: readonly (readonly [string, string, readonly string[]])[] = [
  ["a request without a body", `GET /status HTTP/1.1\r\n${host}\r\n`, ["GET /status "]],
  ["a query is no part of the path", `GET /a?b=/c HTTP/1.1\r\n${host}\r\n`, ["GET /a "]],
  ["a whole address", `GET http://x:1/a HTTP/1.1\r\n${host}\r\n`, ["GET /a "]],
  [
    "a body of a told length, and what follows it",
    `POST /a HTTP/1.1\r\n${host}Content-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n${host}\r\n`,
    ["POST /a abc", "GET / "],
  ],
  [
    "a chunked body with extensions and a trailer, and what follows it",
    `POST /a HTTP/1.1\r\n${host}Transfer-Encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\nGET / HTTP/1.0\r\n\r\n`,
    ["POST /a abc0123456789", "GET /  close"],
  ],
  [
    "Connection: close",
    `GET / HTTP/1.1\r\n${host}Connection: foo, Close\r\n\r\n`,
    ["GET /  close"],
  ],
  ["HTTP/1.0 that stays", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", ["GET / "]],
  ["empty lines before a request", `\r\n\r\nGET / HTTP/1.1\r\n${host}\r\n`, ["GET / "]],
  ["no version", "GET /\r\n\r\n", ["400"]],
  ["junk", "\x16\x03\x01\r\n\r\n", ["400"]],
  ["nothing behind a refusal", `GET\r\n\r\nGET / HTTP/1.1\r\n${host}\r\n`, ["400"]],
  ["HTTP/2", `GET / HTTP/2.0\r\n${host}\r\n`, ["505"]],
  ["no Host", "GET / HTTP/1.1\r\n\r\n", ["400"]],
  ["two Hosts", `GET / HTTP/1.1\r\n${host}${host}\r\n`, ["400"]],
  ["a blank before a colon", `GET / HTTP/1.1\r\n${host}A : b\r\n\r\n`, ["400"]],
  ["a folded header", `GET / HTTP/1.1\r\n${host}A: b\r\n c\r\n\r\n`, ["400"]],
  ["a NUL in a header", `GET / HTTP/1.1\r\n${host}A: b\0\r\n\r\n`, ["400"]],
  ["a relative path", `GET a HTTP/1.1\r\n${host}\r\n`, ["400"]],
  [
    "two lengths",
    `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    ["400"],
  ],
  [
    "a length that differs",
    `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`,
    ["400"],
  ],
  ["a length below nothing", `POST / HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`, ["400"]],
  [
    "an unknown coding",
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n`,
    ["501"],
  ],
  [
    "a body that is too long, before it comes",
    `POST / HTTP/1.1\r\n${host}Content-Length: ${LIMITS.bodyBytes + 1}\r\n\r\n`,
    ["413"],
  ],
  [
    "a chunk that is too long",
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nfffffff\r\n`,
    ["413"],
  ],
  [
    "a chunk without a size",
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`,
    ["400"],
  ],
  [
    "a chunk that is longer than it says",
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n`,
    ["400"],
  ],
];
for (const [name, text, expected] of cases)
  test(`${name}: the same in pieces of any length`, () => {
    for (const length of [text.length, 1, 2, 3, 7]) deepEqual(read(text, length), expected);
  });

test("a head that never ends is refused", () => {
  deepEqual(read(`GET / HTTP/1.1\r\nA: ${"b".repeat(LIMITS.headBytes)}`, 1000), ["431"]);
});

test("a client that waits for leave to send its body gets it", () => {
  const head = `POST /a HTTP/1.1\r\n${host}Content-Length: 1\r\nExpect: 100-continue\r\n\r\n`;
  const reader = createRequestReader();
  deepEqual(
    reader.push(Buffer.from(head)).map(({ kind }) => kind),
    ["continue"],
  );
  deepEqual(
    reader.push(Buffer.from("x")).map(({ kind }) => kind),
    ["request"],
  );
});

test("a body of a hundred thousand chunks is read in one go", () => {
  const text = `POST /a HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n${"1\r\nx\r\n".repeat(100_000)}0\r\n\r\n`;
  equal(read(text)[0]?.length, "POST /a ".length + 100_000);
});

const routed: readonly (readonly [string, string, number, string | undefined])[] = [
  ["GET", "/status", 200, undefined],
  ["HEAD", "/status", 200, undefined],
  ["POST", "/echo", 200, undefined],
  ["GET", "/missing", 404, undefined],
  ["POST", "/status", 405, "GET, HEAD"],
  ["GET", "/echo", 405, "POST"],
  ["OPTIONS", "*", 200, "GET, HEAD, POST"],
];
for (const [method, path, status, allow] of routed)
  test(`${method} ${path} is answered with ${status}`, () => {
    const request = { method, path, headers: new Map(), body: Buffer.from("x"), keepAlive: true };
    const response = route(
      createRoutes(() => ({})),
      request,
    );
    deepEqual([response.status, response.headers["allow"]], [status, allow]);
  });
