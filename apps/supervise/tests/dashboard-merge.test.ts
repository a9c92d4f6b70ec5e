import { ok } from "node:assert/strict";
import { test } from "node:test";
import { serveTarget, serviceStatus } from "./cli-run.js";
import { leave, logLine, openDashboard, recorded } from "./dashboard-harness.js";

test("the merged log of more marked services than fit in the head of a request has the lines of these and no others", async (t) => {
  const names = Array.from(
    { length: 400 },
    (_, at) => `a-service-with-a-name-of-some-length-${String(at).padStart(3, "0")}`,
  );
  const target = recorded(
    names.map((name) => serviceStatus(name)),
    names.map((name, at) => logLine(name, at, `it is ${at}`)),
  );
  const it = openDashboard(t, ["--socket", await serveTarget(t, target)], {
    columns: 120,
    rows: 30,
  });
  await it.sees(/length-000 +U up/);
  // All but the last.
  it.type("AG ");
  await it.sees(/399 marked/);
  it.type("8\tzm");
  const text = (await it.sees(/it is 398$/m)).join("\n");
  ok(text.includes("it is 397") && !text.includes("it is 399"), text);
  await leave(it);
});
