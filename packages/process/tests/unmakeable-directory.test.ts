import assert from "node:assert/strict";
import { test } from "node:test";
import { runtimeDirectory } from "@supervise/process";

test("a directory that the kernel refuses to make below one that is there is refused, and not tried for ever", () => {
  const path = "/proc/none/below";
  assert.deepEqual(runtimeDirectory({ project: "shop", requested: path, uid: 0, env: {} }), {
    kind: "refused",
    path,
    errno: "ENOENT",
    why: "it cannot be made",
  });
});
