import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { bytesOf, textOf } from "#supervise/verbs/byte-text.js";
import { pick, seeded } from "./crash-orders.js";

/** Whole characters, beginnings of some, bytes that are in none. */
const pieces = [
  [0x61],
  [0xc3, 0xa9],
  [0xf0, 0x9f, 0x99, 0x82],
  [0xf0, 0x9f],
  [0xed, 0xb2, 0x80],
  [0xff],
  [0x80],
  [0],
  [0xc0, 0xaf],
];

test("any bytes come back from their text, among other text", () => {
  const random = seeded(20);
  for (let round = 0; round < 3000; round += 1) {
    const length = Math.floor(random() * 12);
    const bytes = Buffer.from(Array.from({ length }, () => pick(random, pieces)).flat());
    const wanted = Buffer.concat([Buffer.from("é🙂"), bytes, Buffer.from("é\n")]);
    deepEqual(Buffer.from(bytesOf(`é🙂${textOf(bytes)}é\n`)), wanted);
  }
});

test("text that is UTF-8 is what it was", () => {
  equal(textOf(Buffer.from("déjà 🙂\u0000")), "déjà 🙂\u0000");
  equal(bytesOf("déjà 🙂"), "déjà 🙂");
});
