import { deepEqual, rejects } from "node:assert/strict";
import { test } from "node:test";
import { atEnd } from "@supervise/testkit";

function scope(): { after(undo: () => void | Promise<void>): void; end(): Promise<void> } {
  const hooks: (() => void | Promise<void>)[] = [];
  return {
    after: (undo) => void hooks.push(undo),
    end: async () => {
      for (const hook of hooks) await hook();
    },
  };
}

test("what was made last is undone first", async () => {
  const order: string[] = [];
  const t = scope();
  atEnd(t, () => void order.push("directory"));
  atEnd(t, async () => void order.push("process"));
  await t.end();
  deepEqual(order, ["process", "directory"]);
});

test("an undo that fails stops no other, and is reported", async () => {
  const order: string[] = [];
  const t = scope();
  atEnd(t, () => void order.push("first"));
  atEnd(t, () => {
    throw new Error("still in use");
  });
  await rejects(t.end(), /still in use/);
  deepEqual(order, ["first"]);
});
