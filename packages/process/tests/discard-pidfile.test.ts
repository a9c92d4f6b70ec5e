import { deepEqual, equal, ok } from "node:assert/strict";
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { discardPidfile, examinePidfile, markPidfile, openProc } from "@supervise/process";
import { createKernel, errnoName } from "@supervise/sys";
import { start, temporaryDirectory, until } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";

const kernel = createKernel();
const proc = openProc(kernel);
/** Nobody's, on every machine. */
const NOBODY = "4194304\n";

interface Left {
  readonly directory: string;
  readonly path: string;
  /** Is what is there stale? */
  readonly isLeft: (where: string) => boolean;
}

function left(t: TestScope): Left {
  const directory = temporaryDirectory(t);
  const path = join(directory, "x.pid");
  writeFileSync(path, NOBODY);
  return { directory, path, isLeft: (where) => examinePidfile(proc, where).kind === "stale" };
}

test("a pidfile that is left is removed, and nothing stays behind", (t) => {
  const { directory, path, isLeft } = left(t);
  deepEqual(discardPidfile(kernel, path, isLeft), { kind: "removed" });
  deepEqual(readdirSync(directory), []);
  deepEqual(discardPidfile(kernel, path, isLeft), { kind: "kept" });
});

test("one that a daemon replaces between the look and the removal stays", (t) => {
  const { directory, path, isLeft } = left(t);
  let looks = 0;
  const replaced = (where: string): boolean => {
    const answer = isLeft(where);
    if ((looks += 1) === 1) {
      writeFileSync(`${path}.new`, `${process.pid}\n`);
      renameSync(`${path}.new`, path);
    }
    return answer;
  };
  deepEqual(discardPidfile(kernel, path, replaced), { kind: "kept" });
  equal(readFileSync(path, "utf8"), `${process.pid}\n`);
  deepEqual(readdirSync(directory), ["x.pid"]);
});

test("one that comes while the old one is looked at for the last time stays, and the old one goes", (t) => {
  const { directory, path, isLeft } = left(t);
  const late = (where: string): boolean => {
    if (where !== path) writeFileSync(path, `${process.pid}\n`);
    return isLeft(where);
  };
  deepEqual(discardPidfile(kernel, path, late), { kind: "removed" });
  equal(readFileSync(path, "utf8"), `${process.pid}\n`);
  deepEqual(readdirSync(directory), ["x.pid"]);
});

test("one that is open for writing is put back: its daemon is about to write", (t) => {
  const { directory, path, isLeft } = left(t);
  const asking = openSync(path, "r");
  const knowsLeases = kernel.hasWriter(asking) >= 0;
  closeSync(asking);
  if (!knowsLeases) {
    t.skip("the file system of the temporary directory knows no leases");
    return;
  }
  const writer = openSync(path, "r+");
  deepEqual(discardPidfile(kernel, path, isLeft), { kind: "kept" });
  writeSync(writer, `${process.pid}\n`);
  closeSync(writer);
  ok(readFileSync(path, "utf8").startsWith(`${process.pid}\n`));
  deepEqual(readdirSync(directory), ["x.pid"]);
});

test("one that cannot be given another name stays, and that is an errno", (t) => {
  const { directory, path, isLeft } = left(t);
  mkdirSync(join(directory, `.x.pid.${process.pid}.left`));
  const result = discardPidfile(kernel, path, isLeft);
  equal(result.kind === "failed" && errnoName(result.errno), "EISDIR");
  equal(readFileSync(path, "utf8"), NOBODY);
});

test("a file that was not written since before its process was started is not believed", async (t) => {
  const path = join(temporaryDirectory(t), "x.pid");
  const { pid } = start(t, "sleep", ["60"]);
  writeFileSync(path, `${pid}\n`);
  const leftBefore = markPidfile(path);
  const tree = { expectTree: () => true };
  const verdict = examinePidfile(proc, path, { ...tree, leftBefore });
  equal(verdict.kind, "reused");
  equal(examinePidfile(proc, path, tree).kind, "valid");
  // Of a process that lives, and is not of the tree, nothing more is said than that.
  equal(examinePidfile(proc, path, { expectTree: () => false, leftBefore }).kind, "foreign");
  // Within one tick of the kernel's coarse clock two writes have the same time.
  await until(
    () => {
      writeFileSync(path, `${pid}\n`);
      return markPidfile(path)?.changedNs !== leftBefore?.changedNs;
    },
    { what: "another time of change" },
  );
  equal(examinePidfile(proc, path, { ...tree, leftBefore }).kind, "valid");
  equal(markPidfile(join(path, "none")), null);
});
