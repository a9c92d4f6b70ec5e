import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { serveTarget } from "./cli-run.js";
import { SERVICES, logLine, openDashboard, recorded } from "./dashboard-harness.js";

/** Lines of a log that differ only behind or in their wide characters. */
const TEXTS = [
  "日本語arg日本語 one",
  "月火水arg木金土 two",
  "a月火水rg日本語 three",
  "日本語arg日本語日本語",
  "👩\u200d👩\u200d👧 家族 abc",
  "👨\u200d👨\u200d👦 家族 abc",
  "❤\ufe0f heart 日本",
  "xx heart 日本",
  "🇩🇪 flag and what is behind it",
  "🇫🇷 flag and what is behind it",
] as const;

/** The terminal of the tests draws families in six columns and the heart in one, as many do; how wide the dashboard takes them is its own affair. */
for (const [where, environment, first, second] of [
  ["an xterm", {}, "日本語arg日本語 one", "月火水arg木金土 two"],
  ["the Linux console", { TERM: "linux" }, "??????arg?????? one", "??????arg?????? two"],
  ["GNU screen", { TERM: "screen", STY: "1.x" }, "👩 家族 abc", "👨 家族 abc"],
] as const)
  test(`${where}: rows of wide characters that take each other's place stand as if the screen were drawn anew`, async (t) => {
    const lines = Array.from({ length: 60 }, (_, at) =>
      logLine("api", at, TEXTS[(at * 7) % TEXTS.length] ?? ""),
    );
    const target = recorded(SERVICES, lines);
    const it = openDashboard(t, ["--socket", await serveTarget(t, target)], undefined, environment);
    await it.sees(/as it was recorded/);
    it.type("8\tz");
    await it.sees(/03:05:04/);
    for (const [key, seen] of [
      ["k", /stands still at 59 of 60$/m],
      ["kk", /stands still at 57 of 60$/m],
      ["kkkk", /stands still at 53 of 60$/m],
      ["j", /stands still at 54 of 60$/m],
      ["b", /stands still at 3\d of 60$/m],
    ] as const) {
      it.type(key);
      await it.sees(seen);
      const before = it.screen.lines();
      const anew = it.output().length;
      it.type("\f");
      await it.sees(() => it.output().slice(anew).includes("zoom"), "the last row");
      deepEqual(it.screen.lines(), before);
      const text = before.join("\n");
      ok(text.includes(first) && text.includes(second), text);
    }
    it.type("q");
    equal((await it.exit()).code, 0);
  });
