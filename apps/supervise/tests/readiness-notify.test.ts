import { equal, match, ok } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture, readProcess, until } from "@supervise/testkit";
import { identity, project } from "./harness.js";

const STAY = { command: ["sleep", "60"] };

test("READY=1 on the notify socket makes a service ready, and not before", async (t) => {
  const it = project(t, {
    told: {
      command: [fixture("notify-ready"), "STATUS=warming up", "READY=1\nSTATUS=serving 3 of 4"],
      ready: { notify: true },
    },
    mute: { ...STAY, ready: { notify: true } },
  });
  const { events } = await it.up();
  await events.state("told", "up");
  const told = await it.client.service("told");
  equal(told.ready, true);
  equal(told.statusText, "serving 3 of 4");
  const mute = await it.client.service("mute");
  equal(mute.state, "starting");
  equal(mute.ready, false);
  match((await it.run("why", "mute")).stdout, /notify|READY/);
});

test("a message of another service's process is not believed", async (t) => {
  const it = project(t, {
    silent: {
      command: [
        "sh",
        "-c",
        `echo "$NOTIFY_SOCKET" > socket; until [ -e go ]; do sleep 0.01; done; exec ${fixture("notify-ready")} STATUS=mine`,
      ],
      ready: { notify: true },
    },
    liar: {
      command: [
        "sh",
        "-c",
        `until [ -s socket ]; do sleep 0.01; done; NOTIFY_SOCKET="$(cat socket)" exec ${fixture("notify-ready")} READY=1 STATUS=lie`,
      ],
    },
  });
  const supervisor = await it.up();
  await supervisor.stdout.match(/liar.*ready/);
  const liar = await it.pid("liar");
  await until(() => readProcess(liar)?.state === "S", {
    what: "the liar to have sent all and sleep",
  });
  // The right process speaks after it on the same socket: when that is heard, the lie has been seen.
  writeFileSync(join(it.directory, "go"), "");
  await until(async () => (await it.client.service("silent")).statusText, {
    is: (text) => text === "mine",
    what: "the right status",
  });
  equal((await it.client.service("silent")).ready, false);
});

test("STATUS= is shown without its control characters", async (t) => {
  const it = project(t, {
    told: {
      command: [fixture("notify-ready"), "READY=1\nSTATUS=red \u001b[31malert\u0007"],
      ready: { notify: true },
    },
  });
  await (await it.up()).events.state("told", "up");
  const { stdout } = await it.run("status");
  ok(!/[\u0000-\u0009\u000b-\u001f\u007f]/.test(stdout), JSON.stringify(stdout));
  match(stdout, /alert/);
});

test("MAINPID= names the main process from then on", async (t) => {
  const it = project(t, {
    told: {
      command: [
        "sh",
        "-c",
        `sleep 60 & child=$!; ${fixture("notify-ready")} "MAINPID=$child" READY=1 & wait $child; exec sleep 60`,
      ],
      ready: { notify: true },
      restart: "always",
      restart_delay: "0s",
    },
  });
  const { events } = await it.up();
  const { seq } = await events.state("told", "up");
  const main = await it.pid("told");
  const command = async (): Promise<string | undefined> =>
    (await it.client.processes(["told"])).find((row) => row.pid === main)?.command;
  await until(command, { is: (found) => found === "sleep 60", what: "it to be executed" });
  process.kill(main, "SIGKILL");
  await events.state("told", "up", seq);
  equal((await it.client.service("told")).run, 2);
});

test("a MAINPID= outside the service's tree is not believed", async (t) => {
  const it = project(t, {
    stay: STAY,
    told: {
      command: [
        "sh",
        "-c",
        `until [ -s pid ]; do sleep 0.01; done; exec ${fixture("notify-ready")} "MAINPID=$(cat pid)" READY=1`,
      ],
      ready: { notify: true },
    },
  });
  const { events } = await it.up();
  await events.state("stay", "up");
  const stranger = identity(await it.pid("stay"));
  writeFileSync(`${it.directory}/pid`, String(await it.pid("stay")));
  await events.state("told", "up");
  ok((await it.pid("told")) !== (await it.pid("stay")));
  equal((await it.run("stop", "told")).code, 0);
  equal(identity(await it.pid("stay")), stranger);
});

test("a service that stops saying WATCHDOG=1 is run anew, and why says so", async (t) => {
  const it = project(t, {
    hangs: {
      command: [fixture("notify-ready"), "READY=1", "WATCHDOG=1"],
      ready: { notify: true },
      watchdog: "300ms",
      restart: "always",
      restart_delay: "0s",
    },
  });
  const { events } = await it.up();
  const { seq } = await events.state("hangs", "up");
  const end = await events.find(
    "the end of the first run",
    (entry) => entry.kind === "exit" && entry.service === "hangs",
  );
  match(end.message, /WATCHDOG|watchdog/);
  await events.state("hangs", "up", seq);
  ok((await it.client.service("hangs")).run >= 2);
});

test("WATCHDOG=trigger is the end of a run at once", async (t) => {
  const it = project(t, {
    gives: {
      command: [fixture("notify-ready"), "READY=1", "WATCHDOG=trigger"],
      ready: { notify: true },
      watchdog: "1h",
      restart: "no",
    },
    stay: STAY,
  });
  const { events } = await it.up();
  await events.state("gives", "failed");
  match((await it.run("why", "gives")).stdout, /watchdog|WATCHDOG/i);
});

test("garbage and endless lines on the notify socket change nothing", async (t) => {
  const it = project(t, {
    odd: {
      command: [
        fixture("notify-ready"),
        "=",
        "READY",
        "READY=2\nMAINPID=-1\nMAINPID=999999999999999999\nWATCHDOG_USEC=x",
        "x".repeat(5_000),
        "\u0001\u00ff\n\n=\n",
        "READY=1",
      ],
      ready: { notify: true },
    },
  });
  const { events } = await it.up();
  await events.state("odd", "up");
  equal((await it.client.service("odd")).pid, (await it.client.processes(["odd"]))[0]?.pid);
});
