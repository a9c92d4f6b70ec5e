import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineEvent } from "@supervise/model";
import { createEventQueue, type EventQueue } from "#supervisor/event-queue.js";

const event = (name: string): EngineEvent => ({ type: "deadlineReached", name });

function scene(onEvent: (name: string, queue: EventQueue) => void = () => undefined) {
  const heard: string[] = [];
  const queue = createEventQueue({
    handle: (one, books) => {
      const name = "name" in one ? one.name : one.type;
      heard.push(books === null ? name : `${name} with books`);
      onEvent(name, queue);
      books?.();
    },
    settled: () => heard.push("settled"),
  });
  return { queue, heard };
}

test("what is posted while an event is carried out waits for its end", () => {
  const { queue, heard } = scene((name, all) => {
    if (name === "a") all.post(event("b"));
  });
  queue.post(event("a"));
  assert.deepEqual(heard, ["a", "b", "settled"]);
});

test("books go with the event where it is heard at once", () => {
  const { queue, heard } = scene();
  queue.post(event("a"), () => heard.push("books"));
  assert.deepEqual(heard, ["a with books", "books", "settled"]);
});

test("books are closed at once where other events come before theirs", () => {
  const { queue, heard } = scene((name, all) => {
    if (name !== "a") return;
    all.post(event("b"));
    all.post(event("c"), () => heard.push("books"));
  });
  queue.post(event("a"));
  assert.deepEqual(heard, ["a", "books", "b", "c", "settled"]);
});

test("several events are in the queue before the first is heard", () => {
  const { queue, heard } = scene((name, all) => {
    if (name === "a") all.post(event("c"));
  });
  queue.postAll([event("a"), event("b")]);
  assert.deepEqual(heard, ["a", "b", "c", "settled"]);
});

test("an event that cannot be carried out leaves the queue open for the next", () => {
  const { queue, heard } = scene((name) => {
    if (name === "bad") throw new Error("of the test");
  });
  assert.throws(() => queue.post(event("bad")), /of the test/);
  queue.post(event("good"));
  assert.deepEqual(heard, ["bad", "good", "settled"]);
});
