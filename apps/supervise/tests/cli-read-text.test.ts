import { equal, throws } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "@supervise/testkit";
import { readText } from "#supervise/read-text.js";

test("a text is read as it is, U+FFFD that was written included", (t) => {
  const path = join(temporaryDirectory(t), "text");
  writeFileSync(path, "A=J\u00FCrgen \uFFFD\n");
  equal(readText(path), "A=J\u00FCrgen \uFFFD\n");
  equal(readText("/dev/null"), "");
});

test("what is no text in UTF-8 is refused with its line", (t) => {
  const path = join(temporaryDirectory(t), "text");
  const cases: readonly [Buffer, string][] = [
    [Buffer.from("A=x\nB=J\u00FCrgen\n", "latin1"), "line 2 is not UTF-8"],
    [Buffer.from("A=x\nB=\0\n"), "line 2 holds a NUL byte"],
    [Buffer.from("\uFEFFA=x\n", "utf16le"), "line 1 holds a NUL byte"],
    [Buffer.from([0x41, 0x0a, 0xe2, 0x82]), "line 2 is not UTF-8"],
  ];
  for (const [bytes, message] of cases) {
    writeFileSync(path, bytes);
    throws(() => readText(path), { code: "UNREADABLE", message });
  }
});

test("what would be waited for, or never end, is refused", (t) => {
  const directory = temporaryDirectory(t);
  const fifo = join(directory, "fifo");
  execFileSync("mkfifo", [fifo]);
  throws(() => readText(fifo), { code: "UNREADABLE", message: "it is a FIFO, not a file" });
  throws(() => readText("/dev/zero"), { message: "it does not end within 16 MiB" });
});

test("what cannot be opened has the system's code", (t) => {
  const directory = temporaryDirectory(t);
  mkdirSync(join(directory, "below"));
  throws(() => readText(join(directory, "none")), { code: "ENOENT" });
  throws(() => readText(join(directory, "below")), { code: "EISDIR" });
});
