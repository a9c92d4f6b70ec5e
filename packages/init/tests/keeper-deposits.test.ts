import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { STANDINGS, standingSkip, startKeeper } from "./keeper-harness.js";
import type { Kept } from "./keeper-harness.js";

/** Targets of the descriptors that the init has open. */
async function openIn(kept: Kept): Promise<string[]> {
  const folder = `/proc/${await kept.initPid()}/fd`;
  return readdirSync(folder).map((fd) => readlinkSync(join(folder, fd)));
}

async function nextGeneration(kept: Kept): Promise<string[]> {
  const before = kept.said.all.length;
  await kept.tell("upgrade");
  kept.tellLast("exit 0");
  await kept.begun();
  return kept.said.all
    .slice(before)
    .filter((line) => line.startsWith("held ") && line !== "held environment 1");
}

for (const standing of STANDINGS) {
  test(
    `a deposited pipe keeps what was written to it, over all generations, as ${standing}`,
    { skip: standingSkip(standing) },
    async (t) => {
      const kept = startKeeper(t, { standing });
      const pipe = join(kept.folder, "pipe");
      execFileSync("mkfifo", [pipe]);
      await kept.begun();
      await kept.tell("ready");
      await kept.tell(`deposit run/7 ${pipe}`);
      // The keeper holds the only descriptor once its sender is gone.
      assert.deepEqual(await nextGeneration(kept), ["held run/7 1"]);
      writeFileSync(pipe, "before the gap");
      kept.tellLast("kill 9");
      await kept.begun();
      await kept.tell("read run/7");
      assert.ok(kept.said.all.includes("read run/7 before the gap"), kept.said.all.join("\n"));
    },
  );
}

test("a deposit of the same name takes the place of the earlier, whose descriptors are closed", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("deposit name one two three four");
  await kept.tell("deposit name five six");
  await kept.tell("deposit other seven");
  assert.deepEqual(await nextGeneration(kept), ["held name 2", "held other 1"]);
  const open = (await openIn(kept)).map((path) => path.split("/").at(-1));
  for (const name of ["five", "six", "seven"])
    assert.ok(open.includes(name), `${name} in ${open.join()}`);
  for (const name of ["one", "two", "three", "four"]) assert.ok(!open.includes(name), name);
});

test("what is withdrawn is closed and not told of again; withdrawing it twice is no mistake", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("deposit a one");
  await kept.tell("deposit b two");
  await kept.tell("withdraw a");
  await kept.tell("withdraw a");
  await kept.tell("deposit c three");
  assert.deepEqual((await nextGeneration(kept)).toSorted(), ["held b 1", "held c 1"]);
  assert.ok(!(await openIn(kept)).some((path) => path.endsWith("/one")));
  assert.deepEqual(kept.stderr.all, []);
});

test("what cannot be held is refused with the reason, and its descriptors are closed", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  const before = (await openIn(kept)).length;
  const refusals = async (command: string): Promise<string> => {
    kept.tellLast(command);
    return (await kept.said.match(/^refused .*/))[0];
  };
  assert.equal(await refusals("deposit five 1 2 3 4 5"), "refused EINVAL 67 five");
  assert.equal(await refusals("deposit none"), "refused EINVAL 67 none");
  assert.equal(await refusals("deposit environment 1"), "refused EPERM 67 environment");
  assert.equal(await refusals("withdraw environment"), "refused EPERM 68 environment");
  assert.deepEqual(await nextGeneration(kept), []);
  assert.equal((await openIn(kept)).length, before);
});

test("the table holds 8192 deposits, the environment among them, and refuses one more", async (t) => {
  const kept = startKeeper(t, { first: "ulimit -n $(ulimit -Hn)" });
  await kept.begun();
  await kept.tell("deposits 8191");
  kept.tellLast("deposit last file");
  assert.equal((await kept.said.match(/^refused .*/))[0], "refused ENOSPC 67 last");
  const held = await nextGeneration(kept);
  assert.equal(new Set(held).size, 8191);
  await kept.tell("withdraw number/17");
  await kept.tell("deposit last file");
  assert.equal((await nextGeneration(kept)).length, 8191);
});

test("where no descriptor number is left a deposit is refused, and the next supervisor can still be started", async (t) => {
  const kept = startKeeper(t, { first: "ulimit -n 64" });
  await kept.begun();
  await kept.tell("deposits 60");
  const [, name] = await kept.said.match(/^refused EMFILE 67 number\/(\d+)$/);
  assert.ok(Number(name) > 20, `only ${name} were held`);
  const held = await nextGeneration(kept);
  assert.ok(held.length >= Number(name), `${held.length} held`);
  await kept.tell("finished 0");
  kept.tellLast("exit 0");
  assert.deepEqual(await kept.exit(), { code: 0, signal: null });
});

test("a deposit never takes the place of a closed stdin, stdout or stderr", async (t) => {
  const kept = startKeeper(t, { first: "exec 2>&-" });
  await kept.begun();
  await kept.tell("deposit a one");
  await kept.tell("raw 00");
  await kept.tell("finished 3 a reason that nobody can be told");
  kept.tellLast("exit 0");
  assert.deepEqual(await kept.exit(), { code: 3, signal: null });
  assert.equal(execFileSync("cat", [join(kept.folder, "one")], { encoding: "utf8" }), "");
});
