import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { LogLine } from "@supervise/model";
import { createKernel } from "@supervise/sys";
import { fixture, until } from "@supervise/testkit";
import { kill, project } from "./harness.js";
import { keep, needsInit } from "./keeper-harness.js";
import { ownDev, ownDevSkip } from "./own-dev.js";

const kernel = createKernel();

test(
  "under a keeper the socket stays when the supervisor dies, and what was sent meanwhile is heard",
  { skip: needsInit },
  async (t) => {
    const it = project(t, { stay: { command: ["sleep", "60"] } }, { syslog: "log" });
    const kept = keep(t, it);
    const path = join(it.directory, "log");
    await until(() => existsSync(path), { what: "the socket" });
    await until(async () => (await it.client.service("stay")).state === "up", { what: "up" });
    // It can't read it before it is killed.
    kill(await kept.supervisor(), "SIGSTOP");
    ok(kernel.sendTo(path, Buffer.from("<12>test: meanwhile"), []) > 0);
    await kept.crash("SIGKILL");
    const events = it.follow();
    const told = await events.find("the message", ({ kind }) => kind === "syslog");
    match(told.message, /user\.warning: test: meanwhile$/);
    equal((await kept.end()).code, 0);
    ok(!existsSync(path));
  },
);

test(
  "a service that the next supervisor has adopted goes on being heard",
  { skip: needsInit || ownDevSkip() },
  async (t) => {
    const script =
      'logger -t web before; trap "logger -t web after" USR1; echo ready; while :; do sleep 0.05; done';
    const it = project(
      t,
      {
        web: { command: ["sh", "-c", script], ready: { log: "^ready$" } },
        other: { command: [fixture("call-syslog"), "other", "1"] },
      },
      { syslog: true },
    );
    const kept = keep(t, it, { through: ownDev(t, it.directory) });
    await until(async () => (await it.client.service("web")).state === "up", { what: "up" });
    await kept.crash("SIGKILL");
    await until(async () => (await it.client.service("web")).state === "up", { what: "up" });
    equal((await it.run("signal", "USR1", "web")).code, 0);
    const heard = await until(
      async () => {
        const lines: LogLine[] = [];
        for await (const line of it.client.logs({ names: ["web"], lines: null, follow: false }))
          lines.push(line);
        // What the supervisor before had heard is there as well.
        return lines.find(({ stream, text }) => stream === "syslog" && text !== "web: before");
      },
      { what: "the message" },
    );
    equal(heard?.text, "web: after");
    equal((await kept.end()).code, 0);
  },
);

test(
  "a client of the stream socket keeps its connection when the supervisor dies, and what it says meanwhile is heard",
  { skip: needsInit },
  async (t) => {
    // One connection for life; each SIGUSR1 is a message.
    const script = `
      const socket = require("node:net").connect(process.argv[1], () => console.log("ready"));
      let told = 0;
      socket.on("close", () => console.log("broken"));
      process.on("SIGUSR1", () => socket.write("<11>stay: message " + (told += 1) + "\\n"));
      setTimeout(() => process.exit(), 60_000);`;
    const it = project(
      t,
      {
        stay: { command: [process.execPath, "-e", script, "stream"], ready: { log: "^ready$" } },
      },
      { syslog_stream: "stream" },
    );
    const path = join(it.directory, "stream");
    const kept = keep(t, it);
    await until(async () => (await it.client.service("stay")).state === "up", { what: "up" });
    const { pid } = await it.client.service("stay");
    ok(typeof pid === "number");
    const heard = (text: string) =>
      until(
        async () => {
          for await (const line of it.client.logs({ names: ["stay"], lines: null, follow: false }))
            if (line.stream === "syslog" && line.text === `stay: ${text}`) return line;
          return null;
        },
        { what: `"${text}"` },
      );
    kill(pid, "SIGUSR1");
    equal((await heard("message 1"))?.level, "err");
    for (const number of [2, 3]) {
      kill(await kept.supervisor(), "SIGSTOP");
      kill(pid, "SIGUSR1");
      await kept.crash("SIGKILL");
      await heard(`message ${number}`);
    }
    equal((await it.client.service("stay")).pid, pid);
    const lines: string[] = [];
    for await (const line of it.client.logs({ names: ["stay"], lines: null, follow: false }))
      lines.push(line.text);
    deepEqual(lines, ["ready", "stay: message 1", "stay: message 2", "stay: message 3"]);
    equal((await kept.end()).code, 0);
    ok(!existsSync(path));
  },
);
