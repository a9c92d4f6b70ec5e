import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { EventEntry, LogLine } from "@supervise/model";
import { until } from "@supervise/testkit";
import { project, type Project } from "./harness.js";
import { keep, needsInit } from "./keeper-harness.js";

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

function linesOf(it: Project, names: readonly string[]): Promise<LogLine[]> {
  return all(it.client.logs({ names, follow: false, lines: 100_000 }));
}

function eventsOf(it: Project): Promise<EventEntry[]> {
  return all(it.client.events({ after: 0, follow: false }));
}

test(
  "the newest lines of a service without a file, and the events, outlive the supervisor",
  { skip: needsInit },
  async (t) => {
    const it = project(t, {
      once: { type: "oneshot", command: ["sh", "-c", "echo said once; echo and twice >&2"] },
      many: {
        command: [
          "sh",
          "-c",
          "i=0; while :; do i=$((i+1)); echo line $i; [ $((i % 20)) = 0 ] && sleep 0.1; done",
        ],
      },
    });
    const kept = keep(t, it, { words: ["--quiet"] });
    await until(async () => (await linesOf(it, ["many"])).length > 100, { what: "lines" });
    const told = await eventsOf(it);
    const once = await until(() => linesOf(it, ["once"]), {
      is: ({ length }) => length === 2,
      what: "both lines",
    });
    for (const signal of ["SIGKILL", "SIGSEGV", "SIGKILL"] as const) {
      await kept.crash(signal);
      const before = await until(() => linesOf(it, ["many"]), { what: "an answer" });
      await until(async () => (await linesOf(it, ["many"])).length > before.length, {
        what: "more lines",
      });
    }
    deepEqual(await linesOf(it, ["once"]), once);
    // None is missing, none is there twice.
    const numbers = (await linesOf(it, ["many"])).map(({ text }) => Number(text.split(" ")[1]));
    deepEqual(
      numbers,
      numbers.map((_, index) => (numbers[0] ?? 0) + index),
    );
    equal(numbers[0], 1);
    const after = await eventsOf(it);
    deepEqual(after.slice(0, told.length), told);
    equal(after.filter(({ message }) => message.startsWith("The supervisor came back")).length, 3);
    deepEqual(
      after.map(({ seq }) => seq),
      after.map((_, index) => index + 1),
    );
    equal((await kept.end()).code, 0);
  },
);
