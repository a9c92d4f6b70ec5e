import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { inPidNamespace, pidNamespaceSkip, temporaryDirectory } from "@supervise/testkit";

const program = fileURLToPath(new URL("programs/reuse-a-pid.js", import.meta.url));

test(
  "a number that another process got is reused, not valid",
  { skip: pidNamespaceSkip() },
  async (t) => {
    const inside = inPidNamespace(t, [process.execPath, program, temporaryDirectory(t)]);
    const log = (): string => inside.stderr.all.join("\n");
    const [, reason] = await inside.stdout.match(/^(?:ready|skipped: (.*))$/, { log });
    if (reason !== undefined) {
      t.skip(reason);
      return;
    }
    const [, seen] = await inside.stdout.match(/^verdicts (.*)$/, { log });
    const verdicts = JSON.parse(seen ?? "") as Record<string, unknown>;
    assert.deepEqual(verdicts, {
      samePid: true,
      sameProcess: false,
      byRecord: "reused",
      signalled: false,
      successorLives: true,
    });
  },
);
