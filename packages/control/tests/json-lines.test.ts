import { parseJsonLines } from "#control/json-lines.js";
import { deepEqual, rejects } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

async function* inChunks(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let start = 0;
  for (const end of [...places, bytes.length]) {
    yield bytes.subarray(start, end);
    start = end;
  }
}

async function all(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const value = fc.jsonValue();

test("however the bytes are cut, the values are the same", async () => {
  const property = fc.asyncProperty(
    fc.array(fc.oneof(value, fc.string({ unit: "binary" }))),
    fc.array(fc.nat(10_000)),
    fc.constantFrom("", "\n"),
    async (values, cuts, last) => {
      // JSON has no -0, so that it is what a reader gets that counts.
      const expected = values.map((one) => JSON.parse(JSON.stringify(one)) as unknown);
      const text = values.map((one) => JSON.stringify(one)).join("\n") + last;
      deepEqual(await all(parseJsonLines(inChunks(Buffer.from(text), cuts))), expected);
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

test("a character that is cut in the middle is whole", async () => {
  const bytes = Buffer.from('"\u{1F600}"\n"é"\n');
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    deepEqual(await all(parseJsonLines(inChunks(bytes, [cut]))), ["\u{1F600}", "é"]);
  }
});

test("empty lines are skipped", async () => {
  deepEqual(await all(parseJsonLines(inChunks(Buffer.from("\n1\r\n\n \n2"), []))), [1, 2]);
});

test("a line that is no JSON is an error, after the values before it", async () => {
  const found: unknown[] = [];
  const read = async (): Promise<void> => {
    for await (const item of parseJsonLines(inChunks(Buffer.from('1\n{"a"\n2\n'), [3]))) {
      found.push(item);
    }
  };
  await rejects(read(), SyntaxError);
  deepEqual(found, [1]);
});
