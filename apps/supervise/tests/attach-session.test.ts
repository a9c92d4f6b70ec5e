import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { AttachedService } from "@supervise/control";
import { runSession, type SessionPort } from "#supervise/verbs/attach/session.js";

/** A terminal of a service that ends at once. */
const SERVICE: AttachedService = {
  id: 1,
  run: 1,
  tty: true,
  stdin: true,
  output: { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: null }) }) },
  send: () => Promise.resolve(),
  endInput: () => undefined,
  end: () => ({ kind: "closed" }),
};

test("the caller's terminal is raw before the keys that leave are told, and restored at the end", async () => {
  const order: string[] = [];
  const port: SessionPort = {
    kernel: {
      rawTerminal: () => {
        order.push("raw");
        return new Uint8Array();
      },
      restoreTerminal: () => {
        order.push("restored");
        return 0;
      },
    },
    attach: () => Promise.resolve(SERVICE),
    resize: () => Promise.resolve(),
    back: () => Promise.resolve(false),
    attached: () => order.push("told"),
    stdin: true,
    inIsTerminal: true,
    outIsTerminal: false,
    detachKeys: Buffer.from("x"),
    idleMs: null,
  };
  const end = await runSession(port);
  deepEqual([end, ...order], [{ kind: "closed" }, "raw", "told", "restored"]);
});
