import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { parseNotifyMessage } from "#supervisor/readiness/notify-message.js";

const parse = (text: string): ReturnType<typeof parseNotifyMessage> =>
  parseNotifyMessage(Buffer.from(text));

test("a datagram's assignments are read, whatever their order", () => {
  deepEqual(
    parse(
      "STATUS=3 of 4\nMAINPID=4123\nWATCHDOG_USEC=1500000\nREADY=1\nWATCHDOG=1\nSTOPPING=1\nRELOADING=1",
    ),
    {
      ready: true,
      reloading: true,
      stopping: true,
      watchdog: "alive",
      status: "3 of 4",
      mainPid: 4123,
      watchdogMs: 1_500,
    },
  );
});

test("what is not understood says nothing", () => {
  const nothing = parse("");
  for (const text of [
    "READY",
    "READY=2",
    "READY=1x",
    "ready=1",
    "=1",
    "\n\n=\n",
    "WATCHDOG=0",
    "EXTEND_TIMEOUT_USEC=5",
    "MAINPID=",
    "MAINPID=-1",
    "MAINPID=0",
    "MAINPID=1e3",
    "MAINPID=9999999999999999",
    "WATCHDOG_USEC=x",
  ])
    deepEqual(parse(text), nothing, text);
  equal(nothing.ready, false);
});

test("WATCHDOG=trigger is told from a sign of life", () => {
  equal(parse("WATCHDOG=trigger").watchdog, "trigger");
  equal(parse("WATCHDOG=1").watchdog, "alive");
});

test("a status keeps its equals signs, loses control characters and has an end", () => {
  equal(parse("STATUS=a=b\u001b[31m\u0007c").status, "a=b [31m c");
  equal(parse(`STATUS=${"x".repeat(4_000)}`).status?.length, 300);
  equal(parse("STATUS=").status, "");
});

test("bytes that are not UTF-8 are no error", () => {
  const message = parseNotifyMessage(
    Uint8Array.from([0xff, 0xfe, 0x0a, ...Buffer.from("READY=1")]),
  );
  equal(message.ready, true);
});
