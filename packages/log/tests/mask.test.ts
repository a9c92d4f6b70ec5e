import assert from "node:assert/strict";
import { test } from "node:test";

import { Mask } from "@supervise/log";
import * as fc from "fast-check";

import { scene } from "./hub-scene.js";

test("values of secrets are masked wherever lines go, however they come in", async () => {
  const { kernel, hub, shown } = scene();
  const secrets = ["hunter2", "hunter2-and-more", "abc", "-----BEGIN\n  c2VjcmV0\n-----END"];
  hub.configure({ name: "web", logging: { driver: "none" }, secrets });
  const stdout = kernel.pipe();
  hub.openRun("web", 1, { stdout, stderr: null });
  kernel.push(stdout, "a hunter2-and-more b hunter2hunter2\nplain abc\nhun");
  kernel.push(stdout, "ter2 in two\n");
  kernel.push(stdout, "key c2VjcmV0\nlast hunter2");
  await kernel.settle();
  hub.drain("web");
  const lines = hub.tail(["web"], null).map(({ text }) => text);
  const expected = ["a *** b ******", "plain abc", "*** in two", "key ***", "last ***"];
  assert.deepEqual(lines, expected);
  await hub.flush();
  assert.deepEqual(
    shown()
      .split("\n")
      .slice(0, -1)
      .map((row) => row.replace(/^web +\| /, "")),
    expected,
  );
  hub.close();
});

test("a mask leaves all other bytes and every line as they are", () => {
  const piece = fc.oneof(fc.constantFrom("secret", "secre", "\n", "s", "é"), fc.string());
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join("").replaceAll("***", "");
      const lines = text.split("\n");
      const bytes = Buffer.from(`${text}\n`);
      const ends = new Uint32Array(lines.length);
      for (let index = 0, at = 0; index < lines.length; index += 1) {
        ends[index] = bytes.indexOf(10, at);
        at = (ends[index] ?? 0) + 1;
      }
      const masked = new Mask(["secret"]).of(bytes, 0, ends, lines.length, false);
      if (masked === null) return assert.ok(!text.includes("secret"));
      let from = 0;
      for (const [index, line] of lines.entries()) {
        const end: number = masked.ends[index] ?? -1;
        assert.equal(masked.bytes.toString("utf8", from, end), line.replaceAll("secret", "***"));
        from = end + 1;
      }
    }),
  );
});
