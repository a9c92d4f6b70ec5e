import { equal } from "node:assert/strict";
import { test } from "node:test";
import {
  assertNoLeaks,
  fixture,
  inPidNamespace,
  isAlive,
  pidNamespaceSkip,
  readProcess,
} from "@supervise/testkit";

const skip = pidNamespaceSkip();

test("a command in a PID namespace is process 1 and sees only its own", { skip }, async (t) => {
  assertNoLeaks(t);
  const inside = inPidNamespace(t, ["sh", "-c", "echo $$; ls /proc | grep -c '^[0-9]'; exit 7"]);
  equal(await inside.stdout.next(), "1");
  equal(Number(await inside.stdout.next()) <= 3, true);
  equal((await inside.exit()).code, 7);
});

test("the namespace ends with the test", { skip }, async (t) => {
  let init = 0;
  await t.test("inside", async (inner) => {
    const inside = inPidNamespace(inner, [fixture("ignore-term")]);
    await inside.stdout.match(/^ready$/);
    init = await inside.initPid();
    equal(readProcess(init)?.name, "ignore-term");
  });
  equal(isAlive(init), false);
});
