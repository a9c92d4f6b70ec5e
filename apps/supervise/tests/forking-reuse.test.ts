import { deepEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { inPidNamespace, pidNamespaceSkip, temporaryDirectory } from "@supervise/testkit";
import { COMMAND } from "./harness.js";

test(
  "where there are only 400 numbers, a stranger who has the number of a pidfile is neither believed nor signalled",
  { skip: pidNamespaceSkip(), timeout: 120_000 },
  async (t) => {
    const program = fileURLToPath(new URL("programs/reuse-forking.js", import.meta.url));
    const inside = inPidNamespace(t, [process.execPath, program, COMMAND, temporaryDirectory(t)]);
    const log = (): string => [...inside.stdout.all, ...inside.stderr.all].join("\n");
    const [, kind, text] = await inside.stdout.match(/^(skipped|verdicts): (.*)$/, {
      log,
      deadlineMs: 90_000,
    });
    if (kind === "skipped") {
      t.skip(text);
      return;
    }
    deepEqual(JSON.parse(text ?? ""), {
      left: true,
      state: "starting",
      untouchedByStop: true,
      successor: null,
      ended: "was killed by SIGKILL",
      untouched: true,
    });
  },
);
