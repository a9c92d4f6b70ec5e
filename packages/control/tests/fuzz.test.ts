import { equal } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { DEFAULT_LIMITS } from "#control/limits.js";
import { fakeTarget } from "./fake-target.js";
import { ask, connectRaw, serve } from "./serving.js";

const BODY = '{"action":"stop","names":["web"],"wait":true}';
const REQUESTS = [
  "GET /v1/services/web/why?x=1 HTTP/1.1\r\nhost: x\r\n\r\n",
  "GET /v1/logs?follow=1&name=web HTTP/1.1\r\nhost: x\r\n\r\n",
  `POST /v1/actions HTTP/1.1\r\nhost: x\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`,
  `POST /v1/actions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`,
  `POST /v1/actions HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`,
];

const edit = fc.record({
  at: fc.nat(300),
  remove: fc.nat(4),
  insert: fc.oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc.constantFrom("\r\n", "\r\n\r\n", "0", "%", "/", " ", ":").map((text) => Buffer.from(text)),
  ),
});

const mutated = fc
  .tuple(
    fc.array(fc.constantFrom(...REQUESTS), { minLength: 1, maxLength: 4 }),
    fc.array(edit, { maxLength: 6 }),
  )
  .map(([requests, edits]) => {
    let bytes = Buffer.from(requests.join(""));
    for (const { at, remove, insert } of edits) {
      const place = at % (bytes.length + 1);
      bytes = Buffer.concat([bytes.subarray(0, place), insert, bytes.subarray(place + remove)]);
    }
    return bytes;
  });

const bytes = fc.oneof(
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 500 }) },
  { weight: 5, arbitrary: mutated },
);

test("whatever bytes come, in whatever pieces, the server answers the next client", async (t) => {
  const { path, warnings } = await serve(t, fakeTarget());
  // What the server waits for passes at our word, so that no time is too short for the next client.
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const property = fc.asyncProperty(bytes, fc.nat(), fc.boolean(), async (said, cut, half) => {
    const raw = await connectRaw({ after: () => undefined }, path);
    const place = cut % (said.length + 1);
    raw.socket.write(said.subarray(0, place));
    raw.socket.write(said.subarray(place));
    if (half) raw.socket.end();
    for (let turns = 1; !raw.socket.closed; turns += 1) {
      if (turns % 20 === 0) t.mock.timers.tick(DEFAULT_LIMITS.requestMs);
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
    equal((await ask(path, "GET /v1/project")).status, 200);
  });
  await fc.assert(property, { numRuns: 100 });
  t.mock.timers.reset();
  equal(warnings.join("\n"), "");
});

test("clients that go away in the middle of anything leave nothing behind", async (t) => {
  const { path, warnings } = await serve(t, fakeTarget());
  const property = fc.asyncProperty(mutated, fc.nat(), async (said, cut) => {
    const raw = await connectRaw({ after: () => undefined }, path);
    raw.socket.write(said.subarray(0, cut % (said.length + 1)), () => raw.socket.destroy());
    await raw.closed;
    equal((await ask(path, "GET /v1/project")).status, 200);
  });
  await fc.assert(property, { numRuns: 100 });
  equal(warnings.join("\n"), "");
});
