import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNotifyMessage, type NotifyMessage } from "#supervisor/readiness/notify-message.js";

const nothing: NotifyMessage = {
  ready: false,
  reloading: false,
  stopping: false,
  watchdog: null,
  status: null,
  mainPid: null,
  watchdogMs: null,
};

const rows: readonly [text: string, expected: Partial<NotifyMessage>][] = [
  ["", {}],
  ["READY=1", { ready: true }],
  ["READY=0", {}],
  ["READY=1\nSTATUS=all is well\n", { ready: true, status: "all is well" }],
  ["STATUS=\u001b[31mred\u0007", { status: " [31mred " }],
  ["RELOADING=1\nMONOTONIC_USEC=5", { reloading: true }],
  ["STOPPING=1", { stopping: true }],
  ["WATCHDOG=1", { watchdog: "alive" }],
  ["WATCHDOG=trigger", { watchdog: "trigger" }],
  ["WATCHDOG_USEC=1500000", { watchdogMs: 1_500 }],
  ["MAINPID=4711", { mainPid: 4711 }],
  ["MAINPID=-1", {}],
  ["MAINPID=0", {}],
  ["MAINPID=12x", {}],
  ["MAINPID=99999999999999999999", {}],
  ["X_UNKNOWN=1\nREADY=1", { ready: true }],
  ["=READY\nREADY", {}],
];

for (const [text, expected] of rows) {
  test(`a message ${JSON.stringify(text)} is understood`, () => {
    assert.deepEqual(parseNotifyMessage(Buffer.from(text)), { ...nothing, ...expected });
  });
}

test("a status is kept to a length that fits a table", () => {
  const { status } = parseNotifyMessage(Buffer.from(`STATUS=${"x".repeat(5_000)}`));
  assert.equal(status?.length, 300);
});

test("bytes that are no text do not throw", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  assert.deepEqual(parseNotifyMessage(bytes).ready, false);
});
