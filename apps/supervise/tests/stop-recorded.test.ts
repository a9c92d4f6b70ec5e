import { equal } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gone, project } from "./harness.js";

/** Kills the supervisor as soon as the stop signal comes, with nothing in between that takes time, and ends as a crash would. */
const AVENGER = [
  "sh",
  "-c",
  'trap "read -r pid < victim; kill -9 \\$pid; exit 1" TERM; echo ready; while :; do sleep 60 & wait; done',
];

test("a stop is written down before its signal is sent", async (t) => {
  const it = project(t, {
    avenger: { command: AVENGER, restart: "unless-stopped", ready: { log: "^ready$" } },
    stay: { command: ["sleep", "60"] },
  });
  const first = await it.detach();
  const pid = await it.pid("avenger");
  writeFileSync(join(it.directory, "victim"), `${first}\n`);
  await it.run("stop", "avenger");
  await gone(first);
  await gone(pid);
  await it.detach();
  // It did not crash: the operator has stopped it, and its policy remembers that.
  equal((await it.client.service("avenger")).state, "down");
});
