import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { startKeeper } from "./keeper-harness.js";
import { randomSource } from "./keeper-random.js";

const GENERATIONS = 12;
const STEPS = 150;

test("over many generations the keeper holds exactly what was deposited and not withdrawn", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  const folder = `/proc/${await kept.initPid()}/fd`;
  const before = readdirSync(folder).length;
  const random = randomSource(8192);
  const model = new Map<string, number>();
  for (let generation = 2; generation <= GENERATIONS; generation++) {
    for (let step = 0; step < STEPS; step++) {
      const name = `service/${random(60)}`;
      if (random(3) === 0) {
        model.delete(name);
        kept.tellLast(`withdraw ${name}`);
      } else {
        const count = 1 + random(4);
        model.set(name, count);
        kept.tellLast(`deposit ${name} ${"file ".repeat(count).trimEnd()}`);
      }
    }
    await kept.tell("upgrade");
    const from = kept.said.all.length;
    kept.tellLast(generation % 2 === 0 ? "exit 0" : "kill 9");
    await kept.begun();
    const held = kept.said.all.slice(from).filter((line) => line.startsWith("held service/"));
    const expected = [...model].map(([name, count]) => `held ${name} ${count}`);
    assert.deepEqual(held.toSorted(), expected.toSorted(), `generation ${generation}`);
    const descriptors = [...model.values()].reduce((sum, count) => sum + count, 0);
    assert.equal(readdirSync(folder).length, before + descriptors, `generation ${generation}`);
  }
  await kept.tell("finished 0");
  kept.tellLast("exit 0");
  assert.deepEqual(await kept.exit(), { code: 0, signal: null });
  assert.deepEqual(kept.stderr.all, []);
});
