import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseSyslog, type ParsedSyslog } from "@supervise/model";
import { createKernel, pollEvents } from "@supervise/sys";
import { atEnd, start, until, type TestScope } from "@supervise/testkit";
import { project } from "./harness.js";

const kernel = createKernel();

interface Daemon {
  /** All that has been read so far. */
  readonly heard: readonly ParsedSyslog[];
  /** Reads from now on. */
  listen(): void;
}

/** A socket where a syslog daemon would listen. */
function daemonAt(t: TestScope, path: string): Daemon {
  const fd = kernel.datagramSocket(path, 0o666);
  const heard: ParsedSyslog[] = [];
  const poller = kernel.createPoller(() => {
    for (;;) {
      const datagram = kernel.receive(fd, 65_536);
      if (typeof datagram === "number") return;
      heard.push(parseSyslog(datagram.data, { host: "none" }));
    }
  });
  atEnd(t, () => {
    poller.close();
    kernel.close(fd);
    kernel.unlink(path);
  });
  return { heard, listen: () => void poller.add(fd, 0, pollEvents.input) };
}

const textOf = ({ facility, level, app, text }: ParsedSyslog): string =>
  `${facility * 8 + level} ${app}: ${text}`;
const forwarding = (options: Readonly<Record<string, string>>) => ({
  logging: { driver: "syslog", options },
});

test("each line becomes a message, of stderr a graver one, and a received message keeps its priority", async (t) => {
  const it = project(t);
  const path = join(it.directory, "daemon");
  const daemon = daemonAt(t, path);
  const script = "echo out; echo err >&2; exec logger -u own -p mail.debug -t tag deep";
  it.write(
    {
      web: {
        type: "oneshot",
        command: ["sh", "-c", script],
        ...forwarding({ "syslog-address": `unixgram://${path}`, "syslog-facility": "local0" }),
      },
      stay: { command: ["sleep", "60"] },
    },
    { syslog: "own" },
  );
  const { events } = await it.up();
  await events.state("web", "done");
  daemon.listen();
  const found = await until(() => daemon.heard, {
    is: (messages) => messages.length >= 3,
    what: "three messages",
  });
  // local0 is 16, mail is 2.
  deepEqual(found.map(textOf).toSorted(), ["131 web: err", "134 web: out", "23 web: tag: deep"]);
});

test("a daemon that is away is told once, and gets what waited when it is there", async (t) => {
  const it = project(t);
  const path = join(it.directory, "daemon");
  it.write({
    web: {
      command: ["sh", "-c", "for i in 1 2 3; do echo line $i; done; exec sleep 60"],
      ready: { log: "line 3" },
      ...forwarding({ "syslog-address": path, tag: "shop" }),
    },
  });
  const { events } = await it.up();
  await events.state("web", "up");
  const told = await events.find("the warning", ({ kind }) => kind === "warning");
  match(told.message, /^cannot send to syslog ".*\/daemon": no such file or directory \(ENOENT\)/);
  const daemon = daemonAt(t, path);
  daemon.listen();
  const found = await until(() => daemon.heard, {
    is: (messages) => messages.length >= 3,
    what: "three messages",
  });
  deepEqual(found.map(textOf), ["30 shop: line 1", "30 shop: line 2", "30 shop: line 3"]);
  const back = await events.find("the recovery", ({ kind }) => kind === "warning", told.seq);
  match(back.message, /is there again; nothing was lost$/);
});

test("a daemon that reads nothing stops no service, and hears how much it has missed", async (t) => {
  const it = project(t);
  const path = join(it.directory, "daemon");
  const daemon = daemonAt(t, path);
  it.write({
    web: {
      command: ["sh", "-c", "seq 1 50000; echo last >&2; exec sleep 60"],
      ready: { log: "last" },
      ...forwarding({ "syslog-address": path }),
    },
  });
  const { events } = await it.up();
  await events.state("web", "up");
  daemon.listen();
  const count = (pattern: RegExp): number =>
    daemon.heard.filter(({ text }) => pattern.test(text)).length;
  const lost = (): number =>
    daemon.heard.reduce(
      (sum, { text }) => sum + Number(/^(\d+) messages? lost: /.exec(text)?.[1] ?? 0),
      0,
    );
  await until(() => count(/^\d+$/) + count(/^last$/) + lost(), {
    is: (sum) => sum === 50_001,
    what: "every line or its loss",
  });
  ok(lost() > 0);
  await events.find("the warning", ({ kind }) => kind === "warning");
  equal(events.all.filter(({ kind }) => kind === "warning").length, 1);
});

test("the last words of a service reach its daemon before the supervisor ends", async (t) => {
  const it = project(t);
  const path = join(it.directory, "daemon");
  const daemon = daemonAt(t, path);
  daemon.listen();
  it.write({
    web: {
      command: ["sh", "-c", "trap 'seq 1 500; exit' TERM; echo here; while :; do sleep 0.05; done"],
      ready: { log: "here" },
      ...forwarding({ "syslog-address": path }),
    },
  });
  const supervisor = await it.up();
  await supervisor.events.state("web", "up");
  equal((await it.run("down")).code, 0);
  await supervisor.exit();
  const all = await until(() => daemon.heard, {
    is: (messages) => messages.length >= 501,
    what: "500 last words",
  });
  deepEqual(
    all.map(({ text }) => text),
    ["here", ...Array.from({ length: 500 }, (_, index) => String(index + 1))],
  );
});

const needsRsyslog =
  spawnSync("rsyslogd", ["-v"]).error === undefined ? false : "rsyslogd is not installed";

test("rsyslog reads what is sent to it", { skip: needsRsyslog }, async (t) => {
  const it = project(t);
  const [socket, output] = [join(it.directory, "rsyslog"), join(it.directory, "rsyslog.out")];
  const configuration = join(it.directory, "rsyslog.conf");
  const row = "%syslogfacility-text%.%syslogseverity-text% %programname%%msg%\\n";
  writeFileSync(
    configuration,
    `module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="${socket}")
template(name="row" type="string" string="${row}")
action(type="omfile" file="${output}" template="row")
`,
  );
  start(t, "rsyslogd", ["-n", "-f", configuration, "-i", join(it.directory, "rsyslog.pid")]);
  await until(() => existsSync(socket), { what: "the socket of rsyslogd" });
  it.write({
    web: {
      type: "oneshot",
      command: ["sh", "-c", "echo höher; echo worse >&2"],
      ...forwarding({ "syslog-address": `unix://${socket}`, "syslog-facility": "local5" }),
    },
    stay: { command: ["sleep", "60"] },
  });
  const { events } = await it.up();
  await events.state("web", "done");
  const rows = await until(
    () => (existsSync(output) ? readFileSync(output, "utf8") : "").trimEnd().split("\n"),
    { is: (found) => found.length >= 2, what: "two rows" },
  );
  deepEqual(rows.toSorted(), ["local5.err web worse", "local5.info web höher"]);
});

test("messages in the form of RFC 5424 go over the network", async (t) => {
  const socket = createSocket("udp4");
  atEnd(t, () => new Promise<void>((resolve) => socket.close(() => resolve())));
  const found: ParsedSyslog[] = [];
  socket.on("message", (bytes) => found.push(parseSyslog(bytes)));
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const it = project(t, {
    web: {
      command: ["sh", "-c", "echo höher; exec sleep 60"],
      ...forwarding({
        "syslog-address": `udp://127.0.0.1:${socket.address().port}`,
        "syslog-format": "rfc5424",
      }),
    },
  });
  await it.up();
  await until(() => found.length > 0, { what: "a datagram" });
  const [first] = found;
  equal(first?.form, "rfc5424");
  equal(first === undefined ? "" : textOf(first), "30 web: höher");
});

test("a log that would come back to its own socket is refused", async (t) => {
  const it = project(t, { web: { command: "true", ...forwarding({}) } }, { syslog: true });
  const { code, stdout, stderr } = await it.run("check");
  equal(code, 78);
  match(
    stdout + stderr,
    /would send its log to "\/dev\/log", the syslog socket that supervise itself serves/,
  );
});
