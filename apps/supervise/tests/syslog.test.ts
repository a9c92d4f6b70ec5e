import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { LogLine } from "@supervise/model";
import { createKernel } from "@supervise/sys";
import { atEnd, fixture, start, until } from "@supervise/testkit";
import { project, type Project } from "./harness.js";
import { ownDev, ownDevSkip } from "./own-dev.js";

const kernel = createKernel();
const needs = (program: string): string | false =>
  spawnSync(program, ["--version"]).error === undefined ? false : `${program} is not installed`;
const needsLogger = needs("logger");
const STAY = ["sleep", "60"];

async function linesOf(it: Project, name: string): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of it.client.logs({ names: [name], lines: null, follow: false }))
    lines.push(line);
  return lines;
}

const messagesOf = async (it: Project, name: string): Promise<readonly LogLine[]> =>
  (await linesOf(it, name)).filter(({ stream }) => stream === "syslog");

/** What logger(1) would send, but from a process that is there for as long as the test likes: this one. */
function send(path: string, text: string | Buffer): number {
  return kernel.sendTo(path, Buffer.from(text), []);
}

test(
  "programs that call syslog(3) are heard at /dev/log, each in its own service's log",
  { skip: ownDevSkip() },
  async (t) => {
    const it = project(
      t,
      {
        one: { command: [fixture("call-syslog"), "same", "200"], ready: { log: "^ready$" } },
        two: { command: [fixture("call-syslog"), "same", "200"], ready: { log: "^ready$" } },
      },
      { syslog: true },
    );
    const { events } = await it.up({ through: ownDev(t, it.directory) });
    for (const name of ["one", "two"]) {
      await events.state(name, "up");
      const pid = await it.pid(name);
      // Its messages come by another way than its "ready".
      const messages = await until(() => messagesOf(it, name), {
        is: ({ length }) => length >= 200,
        what: "two hundred messages",
      });
      deepEqual(
        messages.map(({ text }) => text),
        Array.from({ length: 200 }, (_, index) => `same[${pid}]: message ${index + 1}`),
      );
      deepEqual(
        new Set(messages.map(({ facility, level }) => `${facility}.${level}`)),
        new Set(["local3.warning"]),
      );
    }
    equal((await it.run("down")).code, 0);
  },
);

test(
  "a program that speaks to a stream socket is heard, its last words too",
  { skip: needsLogger },
  async (t) => {
    const it = project(
      t,
      {
        quick: {
          command: ["sh", "-c", "logger -u stream -p mail.err one; logger -u stream two; sleep 60"],
        },
      },
      { syslog_stream: "stream" },
    );
    const { events } = await it.up();
    await events.state("quick", "up");
    const messages = await until(() => messagesOf(it, "quick"), {
      is: ({ length }) => length === 2,
      what: "both messages",
    });
    deepEqual(
      messages.map(({ facility, level, text }) => [facility, level, /[a-z]+$/.exec(text)?.[0]]),
      [
        ["mail", "err", "one"],
        ["user", "notice", "two"],
      ],
    );
    equal((await it.run("down")).code, 0);
    ok(!existsSync(join(it.directory, "stream")));
  },
);

test(
  "the last words of logger are its service's, and stand in its log file",
  { skip: needsLogger },
  async (t) => {
    const it = project(
      t,
      {
        quick: {
          type: "oneshot",
          command: ["logger", "-u", "log", "-t", "quick", "-p", "auth.crit", "gone at once"],
          logging: { driver: "file", options: { path: "quick.log" } },
        },
        stay: { command: STAY },
      },
      { syslog: "log" },
    );
    const { events } = await it.up();
    await events.state("quick", "done");
    const [line, ...more] = await until(() => messagesOf(it, "quick"), {
      is: ({ length }) => length > 0,
      what: "the message",
    });
    deepEqual(more, []);
    equal(line?.facility, "auth");
    equal(line?.level, "crit");
    equal(line?.text, "quick: gone at once");
    await until(() => readFileSync(join(it.directory, "quick.log"), "utf8"), {
      is: (text) => / auth\.crit .*quick: gone at once\n/.test(text),
      what: "the row",
    });
    const json = await it.run("logs", "--json", "quick");
    match(json.stdout, /"facility":"auth"/);
    match(json.stdout, /"level":"crit"/);
    equal(lstatSync(join(it.directory, "log")).mode & 0o777, 0o666);
    equal((await it.run("down")).code, 0);
    await until(() => !existsSync(join(it.directory, "log")), { what: "the socket to be gone" });
  },
);

test(
  "logger in a script is of the script's service, though it is gone when it is heard",
  { skip: needsLogger },
  async (t) => {
    const it = project(
      t,
      {
        script: {
          command: [
            "sh",
            "-c",
            "for i in 1 2 3 4 5 6 7 8 9 10; do logger -u log -t nobody word $i; done; echo ready; exec sleep 60",
          ],
          ready: { log: "^ready$" },
        },
        other: { command: STAY },
      },
      { syslog: "log" },
    );
    const { events } = await it.up();
    await events.state("script", "up");
    const found = await until(() => messagesOf(it, "script"), {
      is: (lines) => lines.length >= 10,
      what: "ten words",
    });
    deepEqual(
      found.map(({ text }) => text),
      Array.from({ length: 10 }, (_, index) => `nobody: word ${index + 1}`),
    );
    deepEqual(await messagesOf(it, "other"), []);
  },
);

test("what no service has sent is told by the supervisor, and a flood of it is counted", async (t) => {
  const it = project(t, { stay: { command: STAY } }, { syslog: "log" });
  const { events } = await it.up();
  await events.state("stay", "up");
  const path = join(it.directory, "log");
  equal(send(path, "<12>test: hello\u001B[2J"), 19);
  const told = await events.find("the stranger", ({ kind }) => kind === "syslog");
  match(told.message, new RegExp(`pid ${process.pid}, uid \\d+\\), user\\.warning: test: hello`));
  ok(!told.message.includes("\u001B"));
  for (let count = 0; count < 500; count += 1)
    await until(() => send(path, `<12>test: flood ${count}`) > 0, { what: "room in the socket" });
  equal((await it.run("down")).code, 0);
  await events.find("the count", ({ message }) =>
    /^\d+ more syslog messages of no known service/.test(message),
  );
  const strange = events.all.filter(({ kind }) => kind === "syslog");
  // Twenty in ten seconds, and on a slow machine the five hundred take some time.
  ok(strange.length < 200, `${strange.length} events`);
  deepEqual(await Promise.resolve(events.all.filter(({ kind }) => kind === "warning")), []);
});

test("a stale socket is replaced; one that another process reads is left alone, and the services start", async (t) => {
  const it = project(t, { stay: { command: STAY } }, { syslog: "log" });
  const path = join(it.directory, "log");
  const stale = kernel.datagramSocket(path, 0o600);
  kernel.close(stale);
  const first = await it.up();
  await first.events.state("stay", "up");
  ok(send(path, "<12>test: hello") > 0);
  await first.events.find("the message", ({ kind }) => kind === "syslog");
  equal((await it.run("down")).code, 0);
  await first.exit();
  ok(!existsSync(path));

  const served = kernel.datagramSocket(path, 0o600);
  atEnd(t, () => {
    kernel.close(served);
    kernel.unlink(path);
  });
  const second = await it.up();
  await second.events.state("stay", "up");
  const told = await second.events.find("the warning", ({ kind }) => kind === "warning");
  match(
    told.message,
    new RegExp(
      `^Cannot serve syslog socket ".*/log": pid ${process.pid} \\(.*\\) serves it; it is left alone`,
    ),
  );
  equal((await it.run("down")).code, 0);
  await second.exit();
  ok(lstatSync(path).isSocket());
});

test("a file that is no socket is left as it is", async (t) => {
  const it = project(t, { stay: { command: STAY } }, { syslog: "log" });
  writeFileSync(join(it.directory, "log"), "mine");
  const { events } = await it.up();
  await events.state("stay", "up");
  const told = await events.find("the warning", ({ kind }) => kind === "warning");
  match(told.message, /a file that is no socket is there already/);
  equal((await it.run("down")).code, 0);
  equal(readFileSync(join(it.directory, "log"), "utf8"), "mine");
});

test("a reload moves the socket, and ends it", async (t) => {
  const services = { stay: { command: STAY } };
  const it = project(t, services, { syslog: "before" });
  const { events } = await it.up();
  await events.state("stay", "up");
  ok(existsSync(join(it.directory, "before")));
  it.write(services, { syslog: "after" });
  equal((await it.run("reload")).code, 0);
  ok(!existsSync(join(it.directory, "before")));
  ok(send(join(it.directory, "after"), "<12>test: hello") > 0);
  await events.find("the message", ({ kind }) => kind === "syslog");
  it.write(services);
  equal((await it.run("reload")).code, 0);
  ok(!existsSync(join(it.directory, "after")));
});

test("equal messages in a row are one line and a count", async (t) => {
  const script = [
    "import logging.handlers, time",
    "log = logging.getLogger('x')",
    "handler = logging.handlers.SysLogHandler(address='log', facility='cron')",
    "log.addHandler(handler)",
    "[log.warning('again') for _ in range(1000)]",
    "log.error('line one\\nline two')",
    "print('ready', flush=True)",
    "time.sleep(60)",
  ].join("\n");
  const skip = needs("python3");
  if (skip !== false) return t.skip(skip);
  const it = project(
    t,
    { python: { command: ["python3", "-c", script], ready: { log: "^ready$" } } },
    { syslog: "log" },
  );
  const { events } = await it.up();
  await events.state("python", "up");
  const messages = await until(() => messagesOf(it, "python"), {
    is: ({ length }) => length >= 4,
    what: "four lines",
  });
  deepEqual(
    messages.map(({ facility, level, text }) => `${facility}.${level} ${text}`),
    [
      "cron.warning again",
      "cron.warning last message repeated 999 times",
      "cron.err line one",
      "cron.err line two",
    ],
  );
});

test("a flood neither grows the supervisor nor keeps it from its work", async (t) => {
  const it = project(t, { stay: { command: STAY } }, { syslog: "log" });
  const supervisor = await it.up();
  await supervisor.events.state("stay", "up");
  const path = join(it.directory, "log");
  const { pid } = await it.client.project();
  const flood = start(t, process.execPath, [
    "-e",
    `const { execFileSync } = require("node:child_process");
     process.stdout.write("ready\\n");
     for (;;) execFileSync("logger", ["-u", ${JSON.stringify(path)}, "x".repeat(900)]);`,
  ]);
  await until(() => supervisor.events.all.some(({ kind }) => kind === "syslog"), {
    what: "the flood to begin",
  });
  const big = Buffer.alloc(60_000, 0x61);
  const before = residentKilobytes(pid);
  let sent = 0;
  // What does not fit is refused: it is the sender's to try again.
  for (let count = 0; count < 20_000; count += 1) if (send(path, big) > 0) sent += 1;
  ok(sent > 0);
  equal((await it.client.service("stay")).state, "up");
  const grown = residentKilobytes(pid) - before;
  ok(grown < 64 * 1024, `grew by ${grown} kB`);
  process.kill(-flood.pid, "SIGKILL");
  equal((await it.run("down")).code, 0);
});

function residentKilobytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}
