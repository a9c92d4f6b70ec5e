import { deepEqual, equal, throws } from "node:assert/strict";
import { openSync, readFileSync, readlinkSync, renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openLogfile } from "@supervise/daemon";
import { errnoNumber } from "@supervise/sys";
import { assertNoLeaks, temporaryDirectory } from "@supervise/testkit";

test("what is written before a reopening is in the old file, what comes after in the new one", (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "d.log");
  const log = openLogfile(path);
  const { fd } = log;
  equal(log.write("one\n"), null);
  renameSync(path, `${path}.1`);
  equal(log.write("two\n"), null);
  log.reopen();
  equal(log.write("three\n"), null);
  equal(log.fd, fd, "the same descriptor");
  equal(readFileSync(`${path}.1`, "utf8"), "one\ntwo\n");
  equal(readFileSync(path, "utf8"), "three\n");
  log.close();
});

test("several writers don't overwrite each other", (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "d.log");
  const one = openLogfile(path);
  const other = openLogfile(path);
  for (const text of ["a\n", "b\n"]) for (const log of [one, other]) log.write(text);
  equal(readFileSync(path, "utf8"), "a\na\nb\nb\n");
  one.close();
  other.close();
});

test("a reopening that fails keeps the old file", (t) => {
  assertNoLeaks(t);
  const directory = temporaryDirectory(t);
  const path = join(directory, "d.log");
  const log = openLogfile(path);
  const missing = join(directory, "missing/d.log");
  throws(() => log.reopen(missing), {
    name: "DaemonError",
    message: `cannot open log "${missing}": no such file or directory (ENOENT)`,
  });
  equal(log.path, path);
  equal(log.write("one\n"), null);
  equal(readFileSync(path, "utf8"), "one\n");
  log.close();
});

test("it takes the place of a descriptor that is named", (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "d.log");
  const reserved = openSync("/dev/null", "r");
  const log = openLogfile(path, { descriptor: reserved });
  equal(log.fd, reserved);
  equal(readlinkSync(`/proc/self/fd/${reserved}`), path);
  log.close();
});

test("a full disk is told, and nothing is thrown", (t) => {
  assertNoLeaks(t);
  const log = openLogfile("/dev/full");
  deepEqual(log.write("one\n"), errnoNumber("ENOSPC"));
  log.close();
});
