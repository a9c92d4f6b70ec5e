import { deepEqual, equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "@supervise/testkit";
import { save } from "#dashboard/feed/save.js";

test("a log is saved as a new file, and no file is written over", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  deepEqual(await save(path, "one\n"), { text: `saved as "${path}"`, good: true });
  deepEqual(await save(path, "two\n"), {
    text: `cannot save "${path}": it is there already (EEXIST)`,
    good: false,
  });
  equal(readFileSync(path, "utf8"), "one\n");
  const nowhere = join(path, "web.log");
  deepEqual(await save(nowhere, "three\n"), {
    text: `cannot save "${nowhere}": not a directory (ENOTDIR)`,
    good: false,
  });
});
