import { equal, match } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "@supervise/testkit";
import { assertLeft, atPrompt, attachTo, LEAVE, SHELL } from "./attach-harness.js";
import { gone, kill, project, statusField } from "./harness.js";
import { keep, needsInit } from "./keeper-harness.js";

test(
  "under the init a terminal survives its supervisor, killed and upgraded, and so does who is attached",
  { skip: needsInit },
  async (t) => {
    const logging = { driver: "file", options: { path: "shell.log", format: "raw" } };
    const it = project(t, { shell: { ...SHELL, logging } });
    const init = keep(t, it);
    await init.supervisor();
    await until(() => it.client.service("shell"), { what: "the control socket to answer" });
    const pid = await it.pid("shell");
    equal((await it.run("why", "shell")).stdout.includes("SIGHUP"), false);
    const shown = attachTo(t, it, ["shell"]);
    await shown.shows(/leaves it/);
    await atPrompt(shown);
    shown.type("n=41\r");
    await shown.sees(/n=41\nready>\s*$/);
    await init.crash("SIGKILL");
    await shown.shows(/the supervisor is back/);
    shown.type("echo killed $((n += 1))\r");
    await shown.sees(/^killed 42\nready>\s*$/m);
    equal((await it.run("upgrade")).code, 0);
    await until(() => shown.output(), {
      is: (text) => text.split("the supervisor is back").length === 3,
      what: "the supervisor to be back twice",
    });
    shown.type("echo upgraded $((n += 1))\r");
    await shown.sees(/^upgraded 43$/m);
    equal(await it.pid("shell"), pid);
    shown.type(LEAVE);
    await assertLeft(shown, 0);
    await until(() => readFileSync(join(it.directory, "shell.log"), "utf8"), {
      is: (log) => /\nkilled 42\r\n[^]*\nupgraded 43\r\n/.test(log),
      what: "both answers in the log",
    });
    equal((await it.run("down")).code, 0);
    await gone(pid);
  },
);

test("without an init a service that survives the hang-up is adopted, and why says what it lacks", async (t) => {
  const it = project(t, {
    stubborn: { command: ["sh", "-c", "trap '' HUP; while :; do sleep 60; done"], tty: true },
  });
  const first = await it.up();
  const pid = await it.pid("stubborn");
  await until(() => Number.parseInt(statusField(pid, "SigIgn"), 16) & 1, {
    what: "SIGHUP to be ignored",
  });
  kill(first.pid, "SIGKILL");
  await gone(first.pid);
  await it.up();
  equal(await it.pid("stubborn"), pid);
  match((await it.run("why", "stubborn")).stdout, /its terminal went with the supervisor before/);
  match(
    (await it.run("attach", "stubborn")).stderr,
    /its terminal went with the supervisor before/,
  );
  equal((await it.run("restart", "stubborn")).code, 0);
  const shown = attachTo(t, it, ["stubborn"]);
  await shown.shows(/run 2/);
  shown.type(LEAVE);
  await assertLeft(shown, 0);
});
