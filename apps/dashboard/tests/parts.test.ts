import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import type { Descriptor } from "@supervise/process";
import type { EventEntry } from "@supervise/model";
import { portsOf } from "#dashboard/feed/sampler.js";
import { wantedOf } from "#dashboard/feed/wanted.js";
import { isSecret, originOf } from "#dashboard/model/environment.js";
import { runsOf } from "#dashboard/model/history.js";
import { attributesOf, paletteOf, showsUnicode } from "#dashboard/terminal/attributes.js";
import { formatBytes, formatCount, formatUptime } from "#dashboard/text/quantity.js";
import { createCanvas, frameText } from "#dashboard/view/frame.js";
import { ASCII } from "#dashboard/view/glyphs.js";
import { graphRows } from "#dashboard/view/graph.js";
import { field } from "#dashboard/view/lines.js";
import { view } from "#dashboard/view/view.js";
import { service, shop, typed } from "./samples.js";

test("quantities take few columns", () => {
  deepEqual([0, 999, 1000, 1536, 123_456_789, 5e12].map(formatBytes), [
    "0B",
    "999B",
    "1.0K",
    "1.5K",
    "118M",
    "4.5T",
  ]);
  deepEqual([-5, 4_000, 192_000, 18_180_000, 1_051_200_000].map(formatUptime), [
    "0s",
    "4s",
    "3m12s",
    "5h03m",
    "12d04h",
  ]);
  deepEqual([0, 999, 1024, 99_999, 999_499, 1_048_576, 1_073_741_816].map(formatCount), [
    "0",
    "999",
    "1.0k",
    "100k",
    "999k",
    "1.0M",
    "1.1G",
  ]);
});

test("names and addresses that hold secrets are known", () => {
  for (const [name, value] of [
    ["DB_PASSWORD", "x"],
    ["apiKey", "x"],
    ["GITHUB_TOKEN", "x"],
    ["DATABASE_URL", "postgres://me:pw@host/db"],
    ["SSH_PRIVATE", "x"],
  ] as const)
    ok(isSecret(name, value), name);
  for (const [name, value] of [
    ["PATH", "/bin"],
    ["KEYBOARD", "de"],
    ["DB_PASSWORD", ""],
    ["URL", "http://host:80/x@y"],
    ["MONKEY", "x"],
  ] as const)
    ok(!isSecret(name, value), name);
});

test("each variable says where it came from", () => {
  const configured = { environment: { MODE: "test" }, inheritEnvironment: true };
  equal(originOf(configured, "MODE", "test"), "configuration");
  equal(originOf(configured, "MODE", "other"), "itself");
  equal(originOf(configured, "INVOCATION_ID", "1"), "supervise");
  equal(originOf(configured, "PATH", "/bin"), "inherited");
  equal(originOf({ ...configured, inheritEnvironment: false }, "PATH", "/bin"), "itself");
  equal(originOf(null, "PATH", "/bin"), null);
});

test("ports are those that are listened on, each once and in order", () => {
  const socket = (
    protocol: string,
    state: string,
    port: number,
    remote: unknown = null,
  ): Descriptor =>
    ({
      kind: "socket",
      socket: { family: "ipv4", protocol, state, local: { address: "0.0.0.0", port }, remote },
    }) as unknown as Descriptor;
  deepEqual(
    portsOf([
      socket("tcp", "listen", 8080),
      socket("tcp", "listen", 80),
      socket("tcp", "listen", 80),
      socket("tcp", "established", 40_000, {}),
      socket("udp", "close", 53),
      socket("udp", "established", 5000, {}),
    ]),
    ["53/udp", "80", "8080"],
  );
});

const event = (seq: number, more: Partial<EventEntry>): EventEntry => ({
  seq,
  time: `2026-01-02T03:04:0${seq}.000Z`,
  service: "web",
  kind: "state",
  message: "",
  state: null,
  pid: null,
  run: 1,
  ...more,
});

test("the events of a service are told run by run", () => {
  const runs = runsOf(
    [
      event(1, { state: "starting", pid: 7 }),
      event(2, { kind: "ready" }),
      event(3, { kind: "exit", message: "exited with code 1" }),
      event(4, { service: "db", run: 1, kind: "exit", message: "another's" }),
      event(5, { run: 2, state: "starting", pid: 8 }),
    ],
    "web",
  );
  deepEqual(
    runs.map(({ run, pid, readyAt, endedAt, messages }) => [
      run,
      pid,
      readyAt !== null,
      endedAt !== null,
      messages,
    ]),
    [
      [1, 7, true, true, ["exited with code 1"]],
      [2, 8, false, false, []],
    ],
  );
});

test("a graph shows the greatest value at its full height and what is not nothing as something", () => {
  deepEqual(graphRows([0, 0.01, 4, 8], 6, 2, ASCII.bars), ["     #", "   _##"]);
  deepEqual(graphRows([], 3, 1, ASCII.bars), ["   "]);
});

test("what is written over half of a wide character clears the other half", () => {
  const canvas = createCanvas(6, 1);
  canvas.text(0, 0, "日本語", "plain");
  canvas.text(1, 0, "x", "plain");
  canvas.text(4, 0, "y", "plain");
  deepEqual(frameText(canvas.frame()), [" x本y"]);
  canvas.text(5, 0, "日", "plain");
  deepEqual(frameText(canvas.frame()), [" x本y"]);
});

test("only what is visible is asked for", () => {
  const many = shop(Array.from({ length: 1000 }, (_, index) => service(`s${index}`)));
  const wanted = wantedOf(many);
  equal(wanted.services.length, 10);
  equal(wanted.logs, null);
  deepEqual(wantedOf(typed(many, "8")[0]).logs, ["s0"]);
  deepEqual(wantedOf(typed(many, ["8", "tab", "m"])[0]).logs, []);
  equal(wantedOf(typed(many, "Gz")[0]).services.length, 21);
});

test("without colour only bold, underline and inverse are used, and NO_COLOR counts unless it is empty", () => {
  equal(paletteOf({ NO_COLOR: "1" }, 256), "none");
  equal(paletteOf({ NO_COLOR: "" }, 256), "sixteen");
  equal(paletteOf({}, 8), "eight");
  equal(paletteOf({}, -1), "none");
  for (const attribute of Object.values(attributesOf("none"))) equal(attribute & 0x3ffff, 0x3ffff);
  const { selected, plain, error } = attributesOf("none");
  ok(selected !== plain && error !== plain);
});

test("Unicode is drawn where the locale has it, and not on the console", () => {
  equal(showsUnicode({ LANG: "de_CH.UTF-8", TERM: "xterm" }), true);
  equal(showsUnicode({ LC_ALL: "C", LANG: "de_CH.UTF-8" }), false);
  equal(showsUnicode({ LC_ALL: "", LC_CTYPE: "C.utf8" }), true);
  equal(showsUnicode({ LANG: "C.UTF-8", TERM: "linux" }), false);
  equal(showsUnicode({}), false);
});

test("dependencies tell what blocks a service that waits", () => {
  const model = shop([
    service("web", {
      state: "waiting",
      ready: false,
      pid: null,
      dependsOn: [
        { name: "db", condition: "service_healthy" },
        { name: "cache", condition: "service_started" },
      ],
    }),
    service("db", { health: "unhealthy" }),
    service("cache"),
  ]);
  const text = frameText(view(typed(model, ["G", "9"])[0])).join("\n");
  ok(/├─db U up healthy → blocks/.test(text), text);
  ok(/└─cache U up started\n/.test(text), text);
  ok(/is needed by\n +nothing/.test(text), text);
});

test("what stands behind a label is broken between words, and within one that is longer than a row", () => {
  const texts = (value: string): readonly string[] =>
    field("said", value, 24).map((spans) => spans.map(({ text }) => text).join(""));
  deepEqual(texts("one two three four"), ["said        one two", "            three four"]);
  deepEqual(texts("日本語 日本語 abcdefghijklmno"), [
    "said        日本語",
    "            日本語",
    "            abcdefghijkl",
    "            mno",
  ]);
});
