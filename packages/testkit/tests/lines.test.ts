import { deepEqual, equal, rejects } from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { lines } from "@supervise/testkit";

test("lines come whole, however the bytes were cut", async () => {
  const stream = new PassThrough();
  const read = lines(stream);
  for (const part of ["on", "e\ntwo\nth", "ree"]) stream.write(part);
  equal(await read.next(), "one");
  equal(await read.next(), "two");
  stream.end();
  equal(await read.next(), "three");
  equal(await read.next(), null);
});

test("match takes the lines before its own", async () => {
  const stream = new PassThrough();
  const read = lines(stream);
  stream.end("noise\nport 4711\nmore\n");
  equal((await read.match(/^port (\d+)$/))[1], "4711");
  deepEqual(await read.rest(), ["noise", "port 4711", "more"]);
});

test("a stream that ends without the line says which lines it had", async () => {
  const stream = new PassThrough();
  stream.end("starting\ncrashed\n");
  await rejects(
    lines(stream).match(/^ready$/),
    /without a line that matches \/\^ready\$\/; lines: \["starting","crashed"\]/,
  );
});

test("a line that never comes is an error at the deadline", async () => {
  await rejects(lines(new PassThrough()).next({ deadlineMs: 5 }), /waited 5 ms for a line/);
});
