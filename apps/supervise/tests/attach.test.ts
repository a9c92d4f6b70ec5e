import { deepEqual, equal, match } from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readProcess, until } from "@supervise/testkit";
import { assertLeft, atPrompt, attachTo, inForeground, LEAVE, SHELL } from "./attach-harness.js";
import { finish, kill, project } from "./harness.js";

test("a service with tty leads a session with a terminal of its own, and each replica has another", async (t) => {
  const it = project(t, { shell: { ...SHELL, scale: 2 } });
  await it.up();
  const seen = await Promise.all(
    ["shell-1", "shell-2"].map(async (name) => {
      const pid = await it.pid(name);
      const [state] = [readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1) ?? ""];
      const [, , group, session, terminal, foreground] = state.split(" ").map(Number);
      const devices = [0, 1, 2].map((fd) => statSync(`/proc/${pid}/fd/${fd}`).rdev);
      deepEqual([group, session, foreground], [pid, pid, pid]);
      deepEqual(new Set(devices).size, 1);
      // The kernel's old form of a device number, as /proc/PID/stat has it, is the same up to 255.
      equal((terminal ?? 0) > 0, true);
      return devices[0];
    }),
  );
  equal(seen[0] === seen[1], false, "two terminals");
  match((await it.run("attach", "shell")).stderr, /it stands for 2 services\n  hint: .*shell-1/);
});

test("keys go to the shell, jobs are stopped and resumed, and the keys that leave it leave it running", async (t) => {
  const it = project(t, { shell: SHELL });
  await it.up();
  const pid = await it.pid("shell");
  const shown = attachTo(t, it, ["shell"], { columns: 91, rows: 31 });
  await shown.shows(/run 1; ctrl-p,ctrl-q leaves it/);
  await atPrompt(shown);
  shown.type("stty size\r");
  await shown.sees(/^31 91\nready>\s*$/m);
  shown.type("cat\r");
  // Its echo comes before the shell has read the line, and the key would throw that away.
  await inForeground(pid, "cat");
  shown.type("\x1a");
  await shown.sees(/Stopped +cat\nready>\s*$/);
  shown.type("fg\r");
  await shown.sees(/> fg\ncat$/m);
  await inForeground(pid, "cat");
  shown.type("to cat\r");
  await shown.sees(/^to cat\nto cat$/m);
  shown.type("\x03");
  // What is typed before it would be flushed by it.
  await shown.sees(/\^C\nready>\s*$/);
  shown.type("echo $?\r");
  await shown.sees(/^130$/m);
  shown.type(LEAVE);
  await assertLeft(shown, 0);
  equal(await it.pid("shell"), pid);
  await until(() => readProcess(pid)?.state === "S", { what: "the shell to wait for more" });
});

test("the terminal has the size of whoever attached or was resized last, and of the one before when that leaves", async (t) => {
  const it = project(t, {
    sizes: {
      command: ["sh", "-c", "trap 'stty size' WINCH; echo set; while :; do sleep 60 & wait; done"],
      tty: true,
    },
  });
  const { stdout } = await it.up();
  await stdout.match(/set/);
  const one = attachTo(t, it, ["sizes"], { columns: 70, rows: 20 });
  await one.sees(/^20 70$/m);
  const other = attachTo(t, it, ["--detach-keys", "x,y", "sizes"], { columns: 100, rows: 30 });
  await other.sees(/^30 100$/m);
  one.resize(60, 15);
  await other.sees(/^15 60$/m);
  other.resize(110, 35);
  await one.sees(/^35 110$/m);
  other.type("xy");
  await assertLeft(other, 0);
  await one.sees((rows) => rows.filter((row) => row === "15 60").length === 2);
  one.type(LEAVE);
  await assertLeft(one, 0);
});

test("several that are attached see the same, and each may type", async (t) => {
  const it = project(t, { cat: { command: ["cat"], tty: true } });
  await it.up();
  const [one, other] = [attachTo(t, it, ["cat"]), attachTo(t, it, ["cat"])];
  await Promise.all([one.shows(/leaves it/), other.shows(/leaves it/)]);
  one.type("from one\r");
  await other.sees(/from one\nfrom one/);
  other.type("from the other\r");
  await one.sees(/from the other\nfrom the other/);
  for (const shown of [one, other]) shown.type(LEAVE);
  await Promise.all([assertLeft(one, 0), assertLeft(other, 0)]);
});

test("the exit code is that of the service, and its restart is a new run with a new terminal", async (t) => {
  const it = project(t, { shell: { ...SHELL, restart: "always", restart_delay: "0s" } });
  const { events } = await it.up();
  const shown = attachTo(t, it, ["shell"]);
  await shown.shows(/leaves it/);
  shown.type("exit 7\r");
  await assertLeft(shown, 7);
  await events.find("run 2", ({ run, state }) => run === 2 && state === "up");
  const again = attachTo(t, it, ["shell"]);
  await again.shows(/run 2/);
  again.type("kill -9 $$\r");
  await assertLeft(again, 137);
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const)
  test(`${signal} ends attach and restores the terminal, and is not passed on`, async (t) => {
    const it = project(t, {
      drawer: {
        command: [
          "sh",
          "-c",
          String.raw`while read -r line; do printf '\033[?1049h\033[?25l\033[?1000hdrawn'; done`,
        ],
        tty: true,
      },
    });
    await it.up();
    const pid = await it.pid("drawer");
    const numbers = { SIGTERM: 15, SIGINT: 2, SIGHUP: 1, SIGQUIT: 3 };
    const shown = attachTo(t, it, ["drawer"]);
    await shown.shows(/leaves it/);
    shown.type("\r");
    await shown.sees(/drawn/);
    equal(shown.screen.cursor.visible, false);
    const [, attached = "0"] =
      /^(\d+) \S*node \S*supervise\.js attach/m.exec(it.processes().join("\n")) ?? [];
    kill(Number(attached), signal);
    await assertLeft(shown, 128 + numbers[signal]);
    equal(await it.pid("drawer"), pid);
  });

test("what a program sets in the terminal is undone when it is left", async (t) => {
  const it = project(t, { shell: SHELL });
  await it.up();
  const shown = attachTo(t, it, ["shell"]);
  await shown.shows(/leaves it/);
  await atPrompt(shown);
  shown.type(
    String.raw`printf '\033[?1049h\033[?25l\033[?1002;1006h\033[?2004h\033[31mred'` + "\r",
  );
  await shown.sees(/^red/m);
  equal(shown.screen.alternate, true);
  shown.type(LEAVE);
  await assertLeft(shown, 0);
});

test("a supervisor that is killed takes its terminals along: attach says so, and restores", async (t) => {
  const it = project(t, { shell: SHELL });
  const supervisor = await it.up();
  const shown = attachTo(t, it, ["shell"]);
  await shown.shows(/leaves it/);
  const pid = await it.pid("shell");
  match((await it.run("why", "shell")).stdout, /if that is killed, it gets SIGHUP/);
  kill(supervisor.pid, "SIGKILL");
  await assertLeft(shown, 1);
  match(shown.output(), /the supervisor went away/);
  await until(() => readProcess(pid) === null || readProcess(pid)?.state === "Z", {
    what: "the shell to be hung up",
  });
});

test("input from a pipe is sent as it is, and what comes of it is shown byte for byte", async (t) => {
  const bytes = Buffer.from(
    Array.from({ length: 100_000 }, (_, at) => (at * 7 + (at >> 8)) & 0xff),
  );
  // Its end says that all has come back; no pause in between says that.
  const head = `head -c ${bytes.length}`;
  const it = project(t, {
    // Raw: nothing is echoed, and every byte passes both ways.
    raw: { command: ["sh", "-c", `stty raw -echo; exec ${head}`], tty: true },
    plain: { command: head, stdin_open: true },
    cat: { command: ["cat"], stdin_open: true },
    none: { command: ["sleep", "60"] },
    down: { command: ["true"], type: "oneshot" },
  });
  const { events } = await it.up();
  await events.state("down", "done");
  const raw = await it.pid("raw");
  await until(() => readProcess(raw)?.name === "head", { what: "the terminal to be raw" });
  writeFileSync(join(it.directory, "bytes"), bytes);
  const send = async (idle: string, name: string): Promise<void> => {
    const through = ["sh", "-c", `exec "$@" < bytes > ${name}.copy`, "sh"];
    const { code, stderr } = await finish(it.begin(["attach", "--idle", idle, name], { through }));
    deepEqual([code, stderr], [0, ""]);
  };
  for (const name of ["raw", "plain"]) {
    await send("0s", name);
    const copied = readFileSync(join(it.directory, `${name}.copy`));
    deepEqual(copied.equals(bytes), true, `${name}: every byte`);
  }
  const pid = await it.pid("cat");
  await send("500ms", "cat");
  equal(await it.pid("cat"), pid, "what is left for its silence goes on");
  match(
    (await it.run("attach", "down")).stderr,
    /cannot attach to service "down": it is not running/,
  );
  match((await it.run("attach", "nome")).stderr, /nome/);
  equal((await it.run("attach")).code, 64);
  equal((await it.run("attach", "--detach-keys", "ctrl-1", "raw")).code, 64);
});
