import { equal, ok } from "node:assert/strict";
import {
  closeSync,
  constants,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory, until } from "@supervise/testkit";
import { run } from "./cli-run.js";
import { leave, openDashboard, pidOf, serveRecorded } from "./dashboard-harness.js";
import { kill } from "./harness.js";

for (const [signal, code] of [
  ["SIGTERM", 143],
  ["SIGINT", 130],
  ["SIGQUIT", 131],
  ["SIGHUP", 129],
] as const) {
  test(`${signal} ends it with code ${code} and gives the terminal back`, async (t) => {
    const it = openDashboard(t, await serveRecorded(t));
    await it.sees(/as it was recorded/);
    kill(pidOf(it), signal);
    equal((await it.exit()).code, code);
    equal(await it.restored(), true);
    equal(it.screen.alternate, false);
    equal(it.screen.cursor.visible, true);
  });
}

test("a terminal that takes nothing any more does not keep it: SIGTERM ends it", async (t) => {
  const it = openDashboard(t, await serveRecorded(t));
  await it.sees(/as it was recorded/);
  const pid = pidOf(it);
  const stat = (): string => readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\) /, "");
  const reader = Number(stat().split(" ")[1]);
  kill(reader, "SIGSTOP");
  try {
    fill(readlinkSync(`/proc/${pid}/fd/1`));
    kill(pid, "SIGTERM");
    await until(stat, { is: (text) => text.startsWith("Z"), what: "the dashboard to have ended" });
  } finally {
    kill(reader, "SIGCONT");
  }
  equal((await it.exit()).code, 143);
  equal(await it.restored(), true);
});

/** Writes to a terminal until it takes no more. */
function fill(path: string): void {
  const { O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants;
  const fd = openSync(path, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  try {
    for (;;) writeSync(fd, " ".repeat(256));
  } catch (error) {
    equal((error as NodeJS.ErrnoException).code, "EAGAIN");
  } finally {
    closeSync(fd);
  }
}

test("without a terminal it says so", async () => {
  const { code, err } = await run(["dashboard"]);
  equal(code, 1);
  ok(err.includes("cannot show the dashboard: input and output must be a terminal"), err);
});

test("where several projects run it asks which one, and takes a name", async (t) => {
  const directory = temporaryDirectory(t);
  for (const name of ["asked-one", "asked-two"]) {
    const [, socket = ""] = await serveRecorded(t);
    const place = join(directory, "supervise", name);
    mkdirSync(place, { recursive: true });
    linkSync(socket, join(place, "control"));
  }
  const it = openDashboard(
    t,
    [],
    undefined,
    { XDG_RUNTIME_DIR: directory, TMPDIR: directory },
    directory,
  );
  await it.sees(/Several projects run:\n(?:.*\n)* {2}\d+ {2}asked-two\n/);
  it.type("asked-two\r");
  await it.sees(/service "api" is as it was recorded/);
  it.type("q");
  equal((await it.exit()).code, 0);
  equal(await it.restored(), true);
});

test("Ctrl-Z gives the terminal back until it goes on", async (t) => {
  const it = openDashboard(t, await serveRecorded(t));
  await it.sees(/as it was recorded/);
  it.type("\u001a");
  await it.sees(() => !it.screen.alternate && it.screen.cursor.visible, "the first screen");
  const pid = pidOf(it);
  // A session's leader has nobody to fetch it back: its group is orphaned, and the kernel lets it go on by itself.
  kill(pid, "SIGCONT");
  await it.sees(/as it was recorded/);
  equal(it.screen.alternate, true);
  await leave(it);
});
