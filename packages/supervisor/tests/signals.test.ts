import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { createEndRequests, handleSignals } from "@supervise/supervisor";

test("children that end while others are reaped do not keep the event loop from anything else", async () => {
  let turns = 0;
  let ended = 0;
  const done = new AbortController();
  const undo = handleSignals({
    deaf: () => true,
    terminalGone: () => false,
    reload: () => undefined,
    rotate: () => undefined,
    shutDown: () => undefined,
    shutDownNow: () => undefined,
    monotonicMs: () => 0,
    childEnded: () => {
      ended += 1;
      // As a service that dies at once for ever: before this end is dealt with the next ones are there.
      if (ended < 200)
        for (let child = 0; child < 40; child += 1) process.kill(process.pid, "SIGCHLD");
      else done.abort();
    },
  });
  const turn = (): void => {
    turns += 1;
    if (!done.signal.aborted) setImmediate(turn);
  };
  setImmediate(turn);
  const over = once(done.signal, "abort");
  const child = spawn("true");
  await over;
  undo();
  if (child.exitCode === null) await once(child, "exit");
  assert.equal(ended, 200);
  assert.ok(turns >= 200, `only ${turns} turns of the loop for ${ended} looks`);
});

test("a request to end that comes again at once by another way is no second one", () => {
  const requested = createEndRequests();
  assert.deepEqual(
    [0, 0, 99, 100, 5_000].map((atMs) => requested("SIGINT", 1_000 + atMs)),
    ["in order", null, null, "at once", "at once"],
  );
  const others = createEndRequests();
  assert.deepEqual([others("SIGTERM", 0), others("SIGINT", 1)], ["in order", "at once"]);
});
