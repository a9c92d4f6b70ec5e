import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import type { ServiceStatus } from "@supervise/model";
import { keysOf } from "#supervise/up/screen/keyboard.js";
import {
  FIRST_STATE,
  pressKey,
  type ScreenEffect,
  type ScreenState,
} from "#supervise/up/screen/screen-state.js";
import { sizeText, viewScreen } from "#supervise/up/screen/screen-view.js";
import { serviceStatus } from "./cli-run.js";

const THREE: ScreenState = {
  ...FIRST_STATE,
  services: [serviceStatus("a"), serviceStatus("b"), serviceStatus("c")],
};

function type(state: ScreenState, ...keys: readonly string[]): [ScreenState, ScreenEffect[]] {
  const all: ScreenEffect[] = [];
  for (const key of keys) {
    const [next, effects] = pressKey(state, key);
    state = next;
    all.push(...effects);
  }
  return [state, all];
}

test("keys act on the selected service, the first one to begin with, and selecting stops at both ends", () => {
  deepEqual(type(THREE, "r", "j", "s", "down", "down", "a", "k", "up", "up", "r")[1], [
    { type: "restart", name: "a" },
    { type: "stop", name: "b" },
    { type: "start", name: "c" },
    { type: "restart", name: "a" },
  ]);
});

test("a selected service that has gone gives way to the first", () => {
  const [state] = type(THREE, "j");
  deepEqual(type({ ...state, services: [serviceStatus("z")] }, "r")[1], [
    { type: "restart", name: "z" },
  ]);
  deepEqual(type({ ...state, services: [] }, "r", "s", "a", "j")[1], []);
});

test("f shows one service alone and all again; p holds and goes on", () => {
  deepEqual(type(THREE, "j", "f", "f", "p", "p")[1], [
    { type: "showOnly", name: "b" },
    { type: "showOnly", name: null },
    { type: "hold", on: true },
    { type: "hold", on: false },
  ]);
});

test("q and Ctrl-C ask for the end as often as they are pressed, and nothing is held then", () => {
  const [state, effects] = type(THREE, "p", "q", "ctrl+c");
  deepEqual(effects.slice(1), [
    { type: "hold", on: false },
    { type: "end" },
    { type: "hold", on: false },
    { type: "end" },
  ]);
  deepEqual(viewScreen(state, 80, 24).now, [
    "ending at once; 3 are left: a, b, c",
    "a: run 1 (pid 12)",
  ]);
});

test("keys that come together are told apart, and sequences that mean nothing here do nothing", () => {
  deepEqual(keysOf("j\x1b[Bk\x1bOA\x03\x1b[15~\x1b[1;5Cq"), [
    "j",
    "down",
    "k",
    "up",
    "ctrl+c",
    "\x1b[15~",
    "\x1b[1;5C",
    "q",
  ]);
  deepEqual(type(THREE, "\x1b[15~", "x", "\x1b", "é")[1], []);
});

test("states are told by words, what waits says for what, and figures fit their columns", () => {
  const services = [
    serviceStatus("app", { state: "waiting", ready: false, pid: null, reason: "it waits for db" }),
    serviceStatus("db", { health: "unhealthy" }),
  ];
  const measured = new Map([
    ["db", { cpuPercent: 199.6, memoryBytes: 3 * 2 ** 40, ports: [5432, 5433] }],
  ]);
  const view = viewScreen({ ...FIRST_STATE, services, measured }, 80, 24);
  deepEqual(view.rows[0]?.cells, ["app", "waiting", "", "", "0", "", "", ""]);
  deepEqual(view.rows[1]?.cells.slice(0, 7), [
    "db",
    "up",
    "yes",
    "unhealthy",
    "0",
    "5432+",
    "200%",
  ]);
  deepEqual([view.rows[0]?.tone, view.rows[1]?.tone], ["busy", "bad"]);
  deepEqual(view.now, ["app: it waits for db"]);
  for (const bytes of [0, 980 * 1024, 45 * 2 ** 20, 999 * 2 ** 20, 1200 * 2 ** 20, 90 * 2 ** 30])
    ok(sizeText(bytes).length <= 5, sizeText(bytes));
  ok(view.columns.reduce((sum, { width }) => sum + width + 1, 2) < 80);
});

test("a narrow terminal has fewer columns, each whole, and says how to leave; one that doesn't run has no health", () => {
  const services = [
    serviceStatus("web", { health: "healthy" }),
    serviceStatus("job", { state: "down", ready: false, pid: null, health: "starting" }),
  ];
  const titles = (columns: number): string => {
    const view = viewScreen({ ...FIRST_STATE, services }, columns, 10);
    if (columns >= 20)
      ok(view.columns.reduce((sum, { width }) => sum + width + 1, 2) < columns, `${columns}`);
    ok(view.keys.slice(0, columns - 1).includes("q quit") || columns < 7, view.keys);
    return view.columns.map(({ title }) => title).join(" ");
  };
  equal(titles(64), "SERVICE STATE READY HEALTH RESTARTS PORT CPU MEM");
  equal(titles(40), "SERVICE STATE READY PORT CPU");
  equal(titles(30), "SERVICE STATE READY");
  equal(titles(10), "SERVICE STATE");
  for (let columns = 7; columns < 90; columns += 1) titles(columns);
  const { rows } = viewScreen({ ...FIRST_STATE, services }, 80, 24);
  deepEqual(
    rows.map(({ cells }) => cells[3]),
    ["healthy", ""],
  );
});

test("of many services those around the selected one are shown, and the rest is counted", () => {
  const services = Array.from({ length: 100 }, (_, index) => serviceStatus(`s${index}`));
  const view = viewScreen({ ...FIRST_STATE, services, selected: "s50" }, 80, 24);
  ok(view.rows.length <= 12);
  equal(view.rows.filter(({ selected }) => selected)[0]?.name, "s50");
  equal(view.more, `  and ${100 - view.rows.length} more: 100 up`);
  equal(viewScreen({ ...FIRST_STATE, services, selected: "s99" }, 80, 24).rows.at(-1)?.name, "s99");
});

test("start-up says who waits for whom, and why the first is not there yet", () => {
  const started = (name: string): ServiceStatus["dependsOn"][number] => ({
    name,
    condition: "service_started",
  });
  const waits = { state: "waiting", ready: false, pid: null } as const;
  const services = [
    serviceStatus("db", { state: "starting", ready: false, reason: "it is not ready yet" }),
    serviceStatus("cache"),
    serviceStatus("migrate", { ...waits, type: "oneshot", dependsOn: [started("db")] }),
    serviceStatus("worker", { ...waits, dependsOn: [started("cache"), started("db")] }),
    serviceStatus("web", {
      ...waits,
      dependsOn: [
        { name: "migrate", condition: "service_completed_successfully" },
        { name: "cache", condition: "service_healthy" },
      ],
    }),
  ];
  deepEqual(viewScreen({ ...FIRST_STATE, services }, 80, 24).now, [
    "db is starting; migrate, worker wait for db; web waits for migrate, cache",
    "db: it is not ready yet",
  ]);
});

test("the end says who is being stopped, and whose turn comes then", () => {
  const services = [
    serviceStatus("db"),
    serviceStatus("web", { state: "stopping", reason: "SIGKILL in 9 s" }),
    serviceStatus("job", { state: "down", pid: null }),
  ];
  const leaving = { ...FIRST_STATE, services, leaving: 1 };
  deepEqual(viewScreen(leaving, 80, 24).now, [
    "ending; 2 are left: web, then db",
    "web: SIGKILL in 9 s",
  ]);
});

test("where there is room, each service that is not where it belongs says why", () => {
  const services = [
    serviceStatus("db", { state: "failed", pid: null, reason: "run 1 exited with code 3" }),
    serviceStatus("web", { statusText: "4 clients" }),
  ];
  const view = viewScreen({ ...FIRST_STATE, services }, 120, 50);
  equal(view.columns.at(-1)?.title, "WHY");
  ok(view.columns.reduce((sum, { width }) => sum + width + 1, 2) <= 120);
  deepEqual(
    view.rows.map(({ cells }) => cells.at(-1)),
    ["run 1 exited with code 3", "4 clients"],
  );
  equal(viewScreen({ ...FIRST_STATE, services }, 80, 24).columns.at(-1)?.title, "MEM");
});

test("the port that a service was given stands first, with a question mark until it listens", () => {
  const port = (given: number | null, ports: readonly number[]): string | undefined => {
    const services = [serviceStatus("web", { port: given })];
    const measured = new Map([["web", { cpuPercent: 0, memoryBytes: 0, ports }]]);
    return viewScreen({ ...FIRST_STATE, services, measured }, 80, 24).rows[0]?.cells[5];
  };
  deepEqual(
    [port(5000, []), port(5000, [5000]), port(5000, [80, 5000]), port(5000, [80]), port(null, [])],
    ["5000?", "5000", "5000+", "80", ""],
  );
});
