import { deepEqual, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { ServiceStatus } from "@supervise/model";
import type { Message } from "#dashboard/model/message.js";
import { initialModel } from "#dashboard/model/model.js";
import type { Model } from "#dashboard/model/model.js";
import { update } from "#dashboard/model/update.js";
import { frameText } from "#dashboard/view/frame.js";
import { UNICODE } from "#dashboard/view/glyphs.js";
import { keyTable } from "#dashboard/view/key-table.js";
import { view } from "#dashboard/view/view.js";
import { row, send, service, shop, typed } from "./samples.js";

const NOW_MS = Date.parse("2026-01-02T03:05:05.000Z");

function shown(width: number, height: number, services: readonly ServiceStatus[]): Model {
  const model = initialModel({
    width,
    height,
    glyphs: UNICODE,
    socketPath: "/run/x",
    nowMs: NOW_MS,
  });
  const message: Message = { type: "services", services, all: true };
  return update(model, message)[0];
}

test("the table names each service with its state and its reason", () => {
  const model = shown(80, 24, [
    service("web", { state: "up", reason: "run 1 (pid 12)" }),
    service("db", { state: "failed", pid: null, reason: "gave up" }),
  ]);
  const rows = frameText(view(model));
  deepEqual(
    rows.slice(1, 4).map((one) => one.replaceAll(/ +/g, " ").trim()),
    [
      "NAME▴ STATE PID CPU% MEM UPTIME RST REASON",
      "db F failed - - - - 0 gave up",
      "▸ web U up 12 - - 1m00s 0 run 1 (pid 12)",
    ],
  );
});

test("a service that does not run has no health, in the table, its overview and the filter", () => {
  const all = [
    service("web", { pid: 12, health: "healthy" }),
    service("db", { state: "down", pid: null, ready: false, health: "starting" }),
  ];
  const text = frameText(view(shown(200, 50, all))).join("\n");
  ok(/web +U up .* healthy /.test(text), text);
  ok(/db +\S* *down/.test(text) && !text.includes("starting"), text);
  const [filtered] = typed(shown(200, 50, all), "/starting\n");
  const left = frameText(view(filtered)).join("\n");
  ok(!/db +\S* *down/.test(left), left);
});

test("a process has its own uptime and descriptors, also where the limit is a long number", () => {
  const [unfolded] = typed(shop([service("web", { pid: 12 })], 160), "l");
  const rows = [row("web", 12, 1, true), row("web", 13, 12)];
  const measured = { cpuPercent: 1, memoryBytes: 2 ** 20, ports: [], descriptorLimit: 1_048_576 };
  const model = send(send(unfolded, { type: "processes", names: ["web"], rows }), {
    type: "samples",
    samples: new Map([
      [12, { ...measured, descriptors: 20, startedMs: unfolded.nowMs - 60_000 }],
      [13, { ...measured, descriptors: 54_321, startedMs: unfolded.nowMs - 4000 }],
    ]),
  });
  const text = frameText(view(model)).join("\n");
  ok(/─command 12 .* 20\/1048576 +1\.0 +1\.0M +1m00s/.test(text), text);
  ok(/─command 13 .* 54321\/1\.0M +1\.0 +1\.0M +4s/.test(text), text);
});

test("any size gives a frame of that size, and nothing is thrown", () => {
  const services = Array.from({ length: 30 }, (_, index) => service(`web-${index}`));
  for (const [width, height] of [
    [1, 1],
    [2, 3],
    [10, 5],
    [20, 10],
    [80, 24],
    [200, 50],
    [300, 80],
  ] as const) {
    const frame = view(shown(width, height, services));
    deepEqual([frame.characters.length, frame.styles.length], [width * height, width * height]);
    ok(frameText(frame).length === height);
  }
});

test("the page of the dashboard names every key as the program has it", () => {
  const page = readFileSync(new URL("../../../../docs/dashboard.md", import.meta.url), "utf8");
  const plain = (text: string): string => text.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---");
  ok(plain(page).includes(plain(keyTable())), "run apps/dashboard/scripts/pictures.mjs --keys");
});
