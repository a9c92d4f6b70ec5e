import { equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import { until } from "@supervise/testkit";

test("until resolves with the first thing it was looking for", async () => {
  let looks = 0;
  equal(await until(() => (++looks === 3 ? "there" : null), { what: "the third look" }), "there");
});

test("until shows the last thing seen and the log at its deadline", async () => {
  const looking = until(() => ({ state: "starting" }), {
    is: () => false,
    what: "state up",
    deadlineMs: 5,
    log: () => "web: no such port",
  });
  await rejects(looking, (error: Error) =>
    /waited 5 ms for state up; last seen: \{ state: 'starting' \}\nlog:\nweb: no such port/.test(
      error.message,
    ),
  );
});

test("a look that throws is a look that saw nothing yet", async () => {
  let looks = 0;
  const seen = await until(
    () => {
      if (++looks < 3) throw new Error("ENOENT");
      return looks;
    },
    { what: "the file" },
  );
  equal(seen, 3);
});
