import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import type { ActionMessage } from "@supervise/model";
import { inTerminal, plainProcess } from "@supervise/testkit";
import { COMMAND } from "./harness.js";
import { serviceStatus, serveTarget } from "./cli-run.js";

const environment = { PATH: process.env["PATH"], TERM: "vt100" };

for (const columns of [80, 132]) {
  test(`status takes the width from the terminal: ${columns} columns`, async (t) => {
    const socket = await serveTarget(t, {
      services: () => [serviceStatus("web", { reason: "x".repeat(300) }), serviceStatus("db")],
    });
    const it = inTerminal(t, [process.execPath, COMMAND, "status", "--socket", socket], {
      columns,
      env: environment,
    });
    equal((await it.exit()).code, 0);
    await it.shows(/run 1 \(pid 12\)/);
    const rows = it.output().split("\r\n");
    deepEqual([rows.length, rows[1]?.length, rows[1]?.endsWith("x…")], [4, columns, true]);
  });
}

test("while a stop takes long one line says who is still moving, and it is gone at the end", async (t) => {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const socket = await serveTarget(t, {
    act: async function* act(): AsyncGenerator<ActionMessage> {
      for (const name of ["web", "db"]) {
        yield { type: "progress", name, state: "stopping", message: "stopping" };
      }
      await released;
      for (const name of ["web", "db"]) {
        yield {
          type: "outcome",
          outcome: { name, ok: true, message: "stopped", unchanged: false },
        };
      }
      yield { type: "end", ok: true };
    },
  });
  const it = inTerminal(t, [process.execPath, COMMAND, "stop", "--socket", socket, "*"], {
    env: environment,
  });
  await it.shows(/web \(stopping\), db \(stopping\): \d/);
  release();
  equal((await it.exit()).code, 0);
  await it.shows(/db: stopped/);
  ok(it.output().endsWith("\u001b[Kweb: stopped\r\ndb: stopped\r\n"), JSON.stringify(it.output()));
});

test("Ctrl-C at the terminal reaches the command of exec once, and exec stays until it has ended", async (t) => {
  const socket = await serveTarget(t, {
    execContext: () => plainProcess,
    project: () => ({
      name: "shop",
      pid: process.pid,
      version: "0",
      startedAt: "2026-01-02T03:04:05.000Z",
      generation: 1,
      runtimeDirectory: null,
      configurationFiles: [],
      shuttingDown: false,
      keeperPid: null,
    }),
  });
  const script =
    "trap 'echo got' INT; echo ready; read line; read line; echo \"read $line\"; exit 5";
  const it = inTerminal(
    t,
    [process.execPath, COMMAND, "exec", "--socket", socket, "web", "--", "/bin/bash", "-c", script],
    {
      env: environment,
    },
  );
  await it.shows(/ready/);
  it.type("\u0003");
  await it.shows(/got/);
  it.type("one\n");
  it.type("two\n");
  await it.shows(/read two/);
  equal((await it.exit()).code, 5);
  equal(it.output().split("got").length, 2);
  equal(await it.restored(), true);
});
