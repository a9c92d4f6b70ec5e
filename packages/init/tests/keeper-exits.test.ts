import assert from "node:assert/strict";
import { test } from "node:test";
import { childrenOf, until } from "@supervise/testkit";
import { STANDINGS, standingSkip, startKeeper } from "./keeper-harness.js";
import type { Kept } from "./keeper-harness.js";

async function spawnSibling(kept: Kept, code: number): Promise<number> {
  kept.tellLast(`spawn ${code}`);
  const [, pid] = await kept.said.match(/^spawned (\d+) /);
  return Number(pid);
}

for (const standing of STANDINGS) {
  test(
    `an end is told again to the next supervisor until it is acknowledged, as ${standing}`,
    { skip: standingSkip(standing) },
    async (t) => {
      const kept = startKeeper(t, { standing });
      await kept.begun();
      await kept.tell("ready");
      const first = await spawnSibling(kept, 3);
      await kept.said.match(new RegExp(`^exit 1 ${first} 1 3 whole$`));
      const second = await spawnSibling(kept, 4);
      await kept.said.match(new RegExp(`^exit 2 ${second} 1 4 whole$`));
      await kept.tell("ack 1 0");
      kept.tellLast("kill 11");
      await kept.begun();
      assert.equal(await kept.said.next(), `exit 2 ${second} 1 4 whole`);
      await kept.tell("ack 2 0");
      kept.tellLast("exit 0");
      await kept.begun();
      const third = await spawnSibling(kept, 5);
      // The next that is told is the third: neither of the others came before.
      assert.match((await kept.said.match(/^exit .*/))[0], new RegExp(`^exit 3 ${third} `));
    },
  );
}

test("every exit code and every deadly signal is told as the kernel has it", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  for (let code = 0; code < 256; code++) {
    const pid = await spawnSibling(kept, code);
    await kept.said.match(new RegExp(`^exit ${code + 1} ${pid} 1 ${code} whole$`));
  }
  const deadly = [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 31, 34, 64];
  for (const [index, signal] of deadly.entries()) {
    const pid = await spawnSibling(kept, 1000 + signal);
    const [, code] = await kept.said.match(
      new RegExp(`^exit ${257 + index} ${pid} (\\d) ${signal} whole$`),
    );
    assert.ok(code === "2" || code === "3", `code ${code} of signal ${signal}`);
  }
});

test("while nobody listens the last 16384 ends are kept and the others counted", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("ready");
  await kept.tell("deaf");
  await kept.tell("many 16400");
  const init = await kept.initPid();
  await until(() => childrenOf(init).length, { is: (count) => count === 1, what: "one child" });
  kept.tellLast("kill 9");
  const [, lost] = await kept.said.match(/^hello 1 2 previous 2 9 timed lost (\d+) 0 /, {
    deadlineMs: 60_000,
  });
  await kept.said.match(/^exit 16400 /, { deadlineMs: 60_000 });
  const numbers = kept.said.all
    .slice(kept.said.all.findIndex((line) => line.startsWith("hello 1 2")))
    .flatMap((line) => /^exit (\d+) /.exec(line)?.slice(1).map(Number) ?? []);
  assert.equal(new Set(numbers).size, numbers.length);
  assert.equal(Number(lost), 16);
  assert.equal(numbers[0], 17);
  assert.equal(numbers.at(-1), 16_400);
  assert.equal(numbers.length, 16_384);
});
