import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeMessage, encodeMessage, LONGEST_PACKET, nameOfType } from "@supervise/process";
import type { KeeperMessage } from "@supervise/process";

/** Each message, and its packet as docs/keeper.md has it: 64-bit fields in 16 digits, 32-bit ones in 8, text in quotes (little-endian machines). */
const TABLE: readonly (readonly [KeeperMessage, string])[] = [
  [
    {
      type: "hello",
      previousEndedAtMs: 1_700_000_000_000.5,
      exitsLost: 2,
      signalsLost: 3,
      openFiles: 256,
      version: 1,
      generation: 4,
      previousEnd: 2,
      previousStatus: 9,
      initPid: 1,
      flags: 3,
    },
    "",
  ],
  [{ type: "held", name: "run/abc" }, "2 7 'run/abc'"],
  [{ type: "begin" }, "3 0"],
  [{ type: "ready" }, "64 0"],
  [{ type: "acknowledge", exits: 258, signals: 1 }, "65 16 L258 L1"],
  [{ type: "pong", number: 7 }, "66 8 L7"],
  [{ type: "ping", number: 2 ** 40 }, `6 8 L${2 ** 40}`],
  [{ type: "deposit", name: "records" }, "67 7 'records'"],
  [{ type: "withdraw", name: "x" }, "68 1 'x'"],
  [
    {
      type: "settings",
      graceMs: 10_000,
      pingEveryMs: 1_000,
      pingLimitMs: 5_000,
      terminationLog: "/dev/termination-log",
    },
    "69 32 I10000 I1000 I5000 '/dev/termination-log'",
  ],
  [{ type: "finished", exitCode: -1, reason: "over" }, "70 8 I-1 'over'"],
  [{ type: "upgrade" }, "71 0"],
  [{ type: "refused", errno: 28, refusedType: 67, name: "run/x" }, "7 13 I28 I67 'run/x'"],
  [{ type: "refused", errno: 22, refusedType: 65, name: "" }, "7 8 I22 I65"],
];

function packet(text: string): Uint8Array {
  const parts = text.match(/'[^']*'|\S+/g) ?? [];
  return Buffer.concat(
    parts.map((part, index) => {
      if (part.startsWith("'")) return Buffer.from(part.slice(1, -1));
      const long = part.startsWith("L");
      const bytes = Buffer.alloc(long ? 8 : 4);
      if (long) bytes.writeBigInt64LE(BigInt(part.slice(1)));
      else bytes.writeInt32LE(Number(index < 2 ? part : part.slice(1)));
      return bytes;
    }),
  );
}

for (const [message, text] of TABLE.slice(1))
  test(`${message.type.toUpperCase()} is as the page of the protocol has it`, () => {
    assert.deepEqual(Buffer.from(encodeMessage(message)), packet(text));
    assert.deepEqual(decodeMessage(packet(text)), message);
  });

test("a message with 64-bit times and counts comes back as it went", () => {
  const messages: readonly KeeperMessage[] = [
    TABLE[0]?.[0] ?? { type: "begin" },
    {
      type: "exit",
      number: 9,
      atMs: 1_763_000_000_123.25,
      userCpuMicros: 1,
      systemCpuMicros: 2,
      maxRssBytes: 2 ** 33,
      pid: 4_194_304,
      code: 2,
      status: 11,
    },
    {
      type: "signal",
      number: 1,
      atMs: 0,
      value: -5n,
      signal: 64,
      code: -1,
      senderPid: 12,
      senderUid: 4_294_967_294,
    },
  ];
  for (const message of messages) assert.deepEqual(decodeMessage(encodeMessage(message)), message);
});

test("every packet that is no message is told with what is wrong with it", () => {
  const table: readonly (readonly [Uint8Array, RegExp])[] = [
    [new Uint8Array(), /0 bytes has no whole header/],
    [new Uint8Array(7), /7 bytes has no whole header/],
    [packet("0 0"), /no message of type 0/],
    [packet("8 0"), /no message of type 8/],
    [packet("-1 0"), /no message of type 4294967295/],
    [packet("3 4"), /BEGIN says 4 bytes and has 0/],
    [packet("3 -1"), /BEGIN says 4294967295 bytes/],
    [packet("3 4 I1"), /BEGIN has 4 bytes instead of 0/],
    [packet("6 4 I1"), /PING has 4 bytes instead of 8/],
    [packet("2 0"), /HELD has a name of 0 bytes/],
    [packet(`2 64 '${"n".repeat(64)}'`), /HELD has a name of 64 bytes/],
  ];
  for (const [bytes, reason] of table) {
    const message = decodeMessage(bytes);
    assert.ok(message.type === "bad", JSON.stringify(bytes));
    assert.match(message.reason, reason);
  }
});

test("a reason that is longer than a packet is cut", () => {
  const bytes = encodeMessage({ type: "finished", exitCode: 1, reason: "x".repeat(100_000) });
  assert.equal(bytes.length, LONGEST_PACKET);
  assert.equal(decodeMessage(bytes).type, "finished");
  assert.deepEqual([nameOfType(67), nameOfType(999)], ["DEPOSIT", "type 999"]);
});

test("no bytes whatever make the decoder throw, and what it takes for a message is encoded to the same bytes", () => {
  let state = 12_345;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  const good = TABLE.map(([message]) => encodeMessage(message));
  for (let round = 0; round < 50_000; round += 1) {
    const bytes = Uint8Array.from(good[next(good.length)] ?? []);
    for (let change = next(4); change > 0; change -= 1) bytes[next(bytes.length)] = next(256);
    const cut = next(8) === 0 ? bytes.subarray(0, next(bytes.length + 1)) : bytes;
    const message = decodeMessage(cut);
    if (message.type === "bad") continue;
    const again = decodeMessage(encodeMessage(message));
    assert.deepEqual(again, message);
  }
});
