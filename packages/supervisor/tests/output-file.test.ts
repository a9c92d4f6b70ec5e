import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openProc } from "@supervise/process";
import { createKernel } from "@supervise/sys";
import { assertNoLeaks, temporaryDirectory } from "@supervise/testkit";
import { openOutputFile } from "#supervisor/keeping/output-file.js";

const kernel = createKernel();
const proc = openProc(kernel);
const ENOSPC = -28;

function open(directory: string, over: Partial<typeof kernel> = {}) {
  const opened = openOutputFile({ ...kernel, ...over }, proc, directory);
  assert.ok(opened);
  return opened;
}

test("what was stored is there for the next one, however the last one ended", (t) => {
  const directory = temporaryDirectory(t);
  assertNoLeaks(t);
  const first = open(directory);
  assert.equal(first.memory.size, 0);
  const page = first.memory.map(8192, 4096);
  assert.equal(first.memory.reserve(8192, 4096), true);
  page[7] = 42;
  // Not closed, as by a death: only its descriptor is.
  first.close();
  const next = open(directory);
  assert.equal(next.memory.size, 8192 + 4096);
  assert.equal(next.memory.map(8192, 4096)[7], 42);
  next.remove();
  next.close();
  assert.equal(existsSync(join(directory, "output")), false);
});

test("what is of another boot, or no such file at all, begins anew", (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, "output");
  open(directory).close();
  const text = readFileSync(path, "latin1");
  const found = /[0-9a-f]{8}-/.exec(text)?.[0] ?? "";
  assert.notEqual(found, "");
  for (const other of [text.replace(found, "00000000-") + "x".repeat(4096), "x".repeat(9000)]) {
    writeFileSync(path, other, "latin1");
    const { memory, close } = open(directory);
    assert.equal(memory.size, 0);
    assert.equal(statSync(path).size, 4096);
    close();
  }
});

test("without room on the disk nothing is reserved, and without room for its first page there is no file", (t) => {
  const directory = temporaryDirectory(t);
  const full = open(directory, {
    allocate: (fd, offset, length) => (offset === 0 ? kernel.allocate(fd, offset, length) : ENOSPC),
  });
  assert.equal(full.memory.reserve(0, 4096), false);
  full.remove();
  full.close();
  assert.equal(openOutputFile({ ...kernel, allocate: () => ENOSPC }, proc, directory), null);
  assert.equal(openOutputFile(kernel, proc, join(directory, "nowhere")), null);
});
