import assert from "node:assert/strict";
import { test } from "node:test";
import type { ActionMessage, ServiceSnapshot, StateKind } from "@supervise/model";
import { actAndWatch } from "#supervisor/acting.js";

type Action = "start" | "stop" | "restart";
type Look = readonly [kind: StateKind, run: number, wanted?: "up" | "down"];

const snapshot = ([kind, run, wanted = "up"]: Look): ServiceSnapshot =>
  ({ name: "web", run, wanted, state: { kind, pid: 42 } }) as unknown as ServiceSnapshot;

/** Acts on a service that goes from `before` to `after` when it is asked; also the number of listeners left. */
async function act(action: Action, before: Look, after: Look, signal: AbortSignal) {
  let now = snapshot(before);
  const listeners = new Set<(name: string) => void>();
  const port = {
    request: () => {
      now = snapshot(after);
    },
    snapshot: () => now,
    reason: () => "the reason",
    onChange: (listener: (name: string) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const messages: ActionMessage[] = [];
  const request = { action } as Parameters<typeof actAndWatch>[1];
  const cause = {} as Parameters<typeof actAndWatch>[3];
  for await (const message of actAndWatch(port, request, ["web"], cause, signal))
    messages.push(message);
  return { messages, listeners: listeners.size };
}

const verdicts: readonly (readonly [Action, Look, Look, boolean, string])[] = [
  ["start", ["down", 0], ["up", 1], true, "up, pid 42"],
  ["start", ["up", 1], ["up", 1], true, "already up"],
  ["start", ["done", 1], ["done", 1], true, "already done"],
  ["start", ["down", 0], ["done", 1], true, "done"],
  ["start", ["down", 0], ["failed", 1], false, "the reason"],
  ["start", ["down", 0], ["backoff", 1], false, "the reason"],
  ["start", ["down", 0], ["down", 0], false, "stopped meanwhile: the reason"],
  ["restart", ["up", 1], ["up", 2], true, "up, pid 42"],
  ["restart", ["up", 1], ["failed", 1], false, "the reason"],
  ["stop", ["up", 1], ["down", 1, "down"], true, "stopped"],
  ["stop", ["down", 0], ["down", 0, "down"], true, "was not running"],
  ["stop", ["up", 1], ["up", 2, "up"], false, "started again meanwhile"],
];
for (const [action, before, after, ok, message] of verdicts)
  test(`a ${action} from ${before[0]} to ${after[0]} says "${message}"`, async () => {
    const seen = await act(action, before, after, new AbortController().signal);
    const [outcome, end] = seen.messages;
    assert.ok(outcome?.type === "outcome");
    assert.equal(outcome.outcome.ok, ok);
    assert.equal(outcome.outcome.message, message);
    assert.deepEqual(end, { type: "end", ok });
    assert.equal(seen.listeners, 0);
  });

test("an abort ends an action that has not settled, and leaves no listener", async () => {
  const abort = new AbortController();
  setImmediate(() => abort.abort());
  const seen = await act("restart", ["up", 1], ["up", 1], abort.signal);
  assert.deepEqual(
    seen.messages.map(({ type }) => type),
    ["progress", "end"],
  );
  assert.equal(seen.listeners, 0);
});
