import assert from "node:assert/strict";
import { test } from "node:test";
import { errnoName } from "@supervise/sys";
import { collected, kernel, ready, shell, spawnOrFail } from "./running.js";

test("a pidfd signals its process, and says ESRCH once it was collected", async () => {
  const pid = spawnOrFail(shell("exec sleep 60"));
  const pidfd = kernel.pidfdOpen(pid);
  assert.ok(pidfd >= 0);
  assert.equal(kernel.pidfdSendSignal(pidfd, 0), 0);
  assert.deepEqual(kernel.pidfdExit(pidfd), { waitStatus: null });
  assert.equal(kernel.pidfdSendSignal(pidfd, 9), 0);
  await ready(pidfd);
  assert.equal((await collected(pid)).signal, 9);
  assert.equal(errnoName(kernel.pidfdSendSignal(pidfd, 0)), "ESRCH");
  assert.equal(errnoName(kernel.kill(pid, 0)), "ESRCH");
  assert.equal(errnoName(kernel.pidfdOpen(pid)), "ESRCH");
  kernel.close(pidfd);
});

test("a pidfd tells the wait status once the parent has collected the process", async (t) => {
  for (const [script, status] of [
    ["exit 77", 77 << 8],
    ["kill -9 $$", 9],
  ] as const) {
    const pid = spawnOrFail(shell(script));
    const pidfd = kernel.pidfdOpen(pid);
    await ready(pidfd);
    assert.deepEqual(kernel.pidfdExit(pidfd), { waitStatus: null }, "still a zombie");
    await collected(pid);
    const { waitStatus } = kernel.pidfdExit(pidfd);
    kernel.close(pidfd);
    if (waitStatus === null) return t.skip("PIDFD_GET_INFO does not tell exits before Linux 6.15");
    assert.equal(waitStatus, status);
  }
});

test("what is no pidfd is refused", () => {
  assert.deepEqual(kernel.pidfdExit(0), { waitStatus: null });
  assert.equal(errnoName(kernel.pidfdSendSignal(9999, 15)), "EBADF");
  assert.equal(errnoName(kernel.pidfdOpen(-1)), "EINVAL");
  assert.equal(errnoName(kernel.kill(process.pid, 65)), "EINVAL");
});
