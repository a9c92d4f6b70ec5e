import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { childrenOf, until } from "@supervise/testkit";
import { startKeeper } from "./keeper-harness.js";
import type { Kept } from "./keeper-harness.js";

/** A packet in hexadecimal: a header that tells this length, and fields. */
function packet(type: number, fields: Buffer, length = fields.length): string {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(type, 0);
  header.writeUInt32LE(length, 4);
  return Buffer.concat([header, fields]).toString("hex");
}

async function open(kept: Kept): Promise<number> {
  return readdirSync(`/proc/${await kept.initPid()}/fd`).length;
}

/** The keeper still reaps, tells and lets itself be ended in order. */
async function assertWorks(kept: Kept): Promise<void> {
  kept.tellLast("spawn 77");
  const [, pid] = await kept.said.match(/^spawned (\d+) /);
  await kept.said.match(new RegExp(`^exit \\d+ ${pid} 1 77 whole$`));
  await kept.tell("finished 3");
  kept.tellLast("exit 0");
  assert.deepEqual(await kept.exit(), { code: 3, signal: null });
}

const MISTAKES: readonly [what: string, hex: string, said: RegExp][] = [
  ["an empty packet", "", /its length is not what its header says$/],
  ["less than a header", "010203", /its length/],
  ["a length that is too great", packet(64, Buffer.alloc(0), 1), /its length/],
  ["a length that is too small", packet(65, Buffer.alloc(16), 8), /its length/],
  ["the greatest length", packet(64, Buffer.alloc(0), 0xffffffff), /its length/],
  ["more than a packet may have", packet(70, Buffer.alloc(8193)), /its length/],
  ["type 0", packet(0, Buffer.alloc(0)), /no such message, type 0, 0 bytes$/],
  ["a message of the keeper", packet(4, Buffer.alloc(52)), /no such message, type 4, 52 bytes$/],
  ["the type behind the last", packet(72, Buffer.alloc(0)), /no such message, type 72/],
  ["the greatest type", packet(0xffffffff, Buffer.alloc(0)), /no such message, type 4294967295/],
  ["READY with fields", packet(64, Buffer.alloc(1)), /wrong length, type 64, 1 bytes$/],
  ["half an ACK", packet(65, Buffer.alloc(8)), /wrong length, type 65/],
  [
    "an ACK of what was never told",
    packet(65, Buffer.alloc(16, 0xff)),
    /it acknowledges what was never told/,
  ],
  ["a deposit without a name", packet(67, Buffer.alloc(0)), /wrong length, type 67/],
  ["a name of 64 bytes", packet(67, Buffer.alloc(64, "a")), /wrong length, type 67, 64 bytes$/],
  ["SETTINGS without all fields", packet(69, Buffer.alloc(11)), /wrong length, type 69/],
  ["FINISHED without a code", packet(70, Buffer.alloc(3)), /wrong length, type 70/],
];

for (const [what, hex, said] of MISTAKES) {
  test(`${what} is reported and ignored`, async (t) => {
    const kept = startKeeper(t);
    await kept.begun();
    await kept.tell(`raw ${hex}`);
    await kept.stderr.match(said);
    await assertWorks(kept);
    assert.equal(kept.stderr.all.length, 1);
  });
}

test("settings that mean nothing are refused", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  kept.tellLast("settings 1000 5 0 ");
  await kept.said.match(/^refused EINVAL 69 $/);
  kept.tellLast(`settings 1000 0 0 ${"p".repeat(4096)}`);
  await kept.said.match(/^refused EINVAL 69 $/);
  await assertWorks(kept);
});

test("descriptors that come with another message are closed", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  const before = await open(kept);
  await kept.tell("pass ready one two three four five six seven eight");
  await kept.stderr.match(/it brings descriptors, type 64/);
  // They are closed right after it is said.
  await until(() => open(kept), { is: (now) => now === before, what: "eight closed descriptors" });
  await assertWorks(kept);
});

test("a supervisor that talks nonsense without end is complained of seventeen times", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  for (let i = 0; i < 40; i++) await kept.tell("raw 00");
  await assertWorks(kept);
  assert.equal(kept.stderr.all.length, 17);
  assert.match(kept.stderr.all[16] ?? "", /will say so no more$/);
});

for (const seed of [1, 20_261_121, 4_294_967_295]) {
  test(`a keeper that is sent random packets with descriptors lives, reaps and leaks none, seed ${seed}`, async (t) => {
    const kept = startKeeper(t);
    await kept.begun();
    const before = await open(kept);
    await kept.tell(`fuzz ${seed} 30000`);
    // Now in service: a READY was among them, so what follows is no end before the start.
    await kept.tell("ready");
    await kept.tell("upgrade");
    const from = kept.said.all.length;
    kept.tellLast("exit 0");
    await kept.begun();
    const held = kept.said.all
      .slice(from)
      .flatMap((line) => /^held (?!environment).* (\d)$/.exec(line)?.slice(1).map(Number) ?? []);
    assert.ok(held.length > 0);
    assert.equal(await open(kept), before + held.reduce((sum, count) => sum + count, 0));
    await assertWorks(kept);
  });
}

test("a keeper whose supervisor reads nothing still reaps, and the next supervisor is told everything", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("ready");
  await kept.tell("deaf");
  await kept.tell("many 3000");
  // None stays a zombie although nobody takes what is told.
  const init = await kept.initPid();
  await until(() => childrenOf(init).length, { is: (count) => count === 1, what: "one child" });
  kept.tellLast("kill 9");
  await kept.begun();
  for (let number = 1; number <= 3000; number++)
    assert.match((await kept.said.next()) ?? "", new RegExp(`^exit ${number} \\d+ 1 0 whole$`));
});
