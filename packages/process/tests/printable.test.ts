import assert from "node:assert/strict";
import { test } from "node:test";
import { printable } from "@supervise/process";

test("no control character reaches the terminal, and every other text is left alone", () => {
  for (let code = 0; code < 0x300; code += 1) {
    const text = printable(String.fromCodePoint(code));
    const control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    if (control) assert.match(text, /^\\[ntrx][0-9a-f]{0,2}$/, String(code));
    else assert.equal(text, String.fromCodePoint(code));
  }
  assert.equal(printable("größe 日本 🙂"), "größe 日本 🙂");
});

test("characters that turn the direction of writing are shown as escapes", () => {
  assert.equal(printable("a\u202eb\u2066c\u2028d"), "a\\u202eb\\u2066c\\u2028d");
});

test("bytes that are not UTF-8 become replacement characters", () => {
  assert.equal(printable(Uint8Array.of(0x61, 0xff, 0x62)), "a\ufffdb");
});
