import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { childrenOf, until } from "@supervise/testkit";
import { startKeeper } from "./keeper-harness.js";

/** What /proc/PID/status says under this name. */
function status(pid: number, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(
    readFileSync(`/proc/${pid}/status`, "utf8"),
  );
  return Number(found?.[1]);
}

test("a keeper that is asked for no pings does not wake up while nothing happens", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("ready");
  await kept.tell("words");
  const init = await kept.initPid();
  await until(() => readFileSync(`/proc/${init}/wchan`, "utf8"), {
    is: (place) => place.includes("poll"),
    what: "a keeper that waits",
  });
  const before = status(init, "voluntary_ctxt_switches");
  await kept.tell("sh sleep 1.2");
  assert.equal(status(init, "voluntary_ctxt_switches"), before);
});

test("fifty thousand ends that are acknowledged leave no trace in the keeper's memory and descriptors", async (t) => {
  const kept = startKeeper(t, { env: { ACKNOWLEDGE: "1" } });
  await kept.begun();
  await kept.tell("ready");
  const init = await kept.initPid();
  const run = async (rounds: number): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      await kept.tell("many 1000");
      await until(() => childrenOf(init).length, { is: (count) => count === 1, what: "one child" });
    }
  };
  // Once around the ring: all of its pages have been used then.
  await run(17);
  // Of the program's own pages the kernel maps as many as it likes.
  const anonymous = (): string =>
    /^Anonymous:.*$/m.exec(readFileSync(`/proc/${init}/smaps_rollup`, "utf8"))?.[0] ?? "unknown";
  const look = (): unknown[] => [anonymous(), readdirSync(`/proc/${init}/fd`).length];
  const before = look();
  assert.match(String(before[0]), / kB$/);
  await run(33);
  assert.deepEqual(look(), before);
});
