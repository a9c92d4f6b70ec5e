import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { launch, type LaunchRequest } from "@supervise/daemon";
import { createKernel, type Kernel } from "@supervise/sys";
import { assertNoLeaks, isAlive } from "@supervise/testkit";

const REQUEST: LaunchRequest = {
  command: { files: ["/bin/sh"], argv: ["sh", "-c", "exit 3"] },
  environment: [],
  stdout: null,
  errors: null,
  ready: { kind: "settled" },
  lock: null,
  pidfile: null,
  timeoutMs: 10_000,
  graceMs: 10_000,
};

/** Hears of no end before so many milliseconds have passed, as who was not given the processor; then of all that there were. */
function asleep(ms: number): Kernel {
  const kernel = createKernel();
  const wakesMs = performance.now() + ms;
  let started = 0;
  return {
    ...kernel,
    spawn(request) {
      const result = kernel.spawn(request);
      if ("pid" in result) started = result.pid;
      return result;
    },
    reap(spared) {
      if (performance.now() < wakesMs) return [];
      while (isAlive(started));
      return kernel.reap(spared);
    },
  };
}

test("a daemon that has ended is found even where nobody looked for all of the time that it had to live", async (t) => {
  assertNoLeaks(t);
  const launched = await launch(asleep(250), REQUEST);
  equal(launched.kind, "failed");
  deepEqual("exitCode" in launched && launched.exitCode, 3);
});
