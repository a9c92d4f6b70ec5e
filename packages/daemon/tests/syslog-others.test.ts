import { deepEqual, equal, match, throws } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { assertNoLeaks, atEnd, start, temporaryDirectory, until } from "@supervise/testkit";
import {
  createSyslog,
  DaemonError,
  LOG_DAEMON,
  LOG_ERR,
  LOG_INFO,
  LOG_PID,
  parseSyslog,
} from "@supervise/daemon";
import { fakeSyslogd } from "./fake-syslogd.js";

const parse = (text: string | Buffer) => parseSyslog(Buffer.from(text));
const withoutTime = (message: string): string =>
  message.replace(/^(<\d+>)[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d /, "$1TIME ");

function why(command: string, args: readonly string[]): string | false {
  const { status, error } = spawnSync(command, args, { stdio: "ignore" });
  return status === 0 ? false : `${command} cannot be used here: ${error?.message ?? status}`;
}

test("the calls of syslog(3) have the process's own log; LOG_PERROR repeats it on descriptor 2", async (t) => {
  const path = join(temporaryDirectory(t), "log");
  const server = fakeSyslogd(t, path);
  const program = join(import.meta.dirname, "programs/say-to-syslog.js");
  const said = start(t, process.execPath, [program, path]);
  const messages = await server.next(2);
  deepEqual(await said.exit(), { code: 0, signal: null });
  deepEqual(messages.map(withoutTime), [
    `<28>TIME my_daemon[${said.pid}]: cannot open: permission denied`,
    `<27>TIME my_daemon[${said.pid}]: second line`,
  ]);
  deepEqual(said.stderr.all, [
    `my daemon[${said.pid}]: cannot open: permission denied`,
    `my daemon[${said.pid}]: second line`,
  ]);
});

test("a process whose syslogd never reads ends by itself once its messages are given up", async (t) => {
  const path = join(temporaryDirectory(t), "log");
  fakeSyslogd(t, path);
  const program = join(import.meta.dirname, "programs/flood-syslog.js");
  const flood = start(t, process.execPath, [program, path]);
  deepEqual(await flood.exit(), { code: 0, signal: null }, flood.stderr.all.join("\n"));
  match(flood.stdout.all.at(-1) ?? "", /^\d+ lost$/);
});

/** Runs syslog(3) of the C library through Python, with a /dev in which /dev/log is the socket at `path`. */
const viaLibrary = `
import os, syslog, sys
syslog.openlog("demo", syslog.LOG_PID, syslog.LOG_DAEMON)
syslog.syslog(syslog.LOG_WARNING, sys.argv[1])
syslog.syslog(syslog.LOG_AUTH | syslog.LOG_ERR, "second")
`;
const python = "/usr/bin/python3";
const ownDevices = `mount --rbind "$1" /dev && shift && exec "$@"`;
const unshare = ["--mount", ...(process.getuid?.() === 0 ? [] : ["--map-root-user"]), "sh", "-c"];

test(
  "the C library sends the same bytes as we do",
  { skip: why(python, ["-c", "import syslog"]) || why("unshare", [...unshare, "true"]) },
  async (t) => {
    const devices = join(temporaryDirectory(t), "dev");
    mkdirSync(devices);
    const server = fakeSyslogd(t, join(devices, "log"));
    const text = "w\u{F6}rld 100% [1]: x";
    const theirs = start(t, "unshare", [
      ...unshare,
      ownDevices,
      "sh",
      devices,
      python,
      "-S",
      "-E",
      "-c",
      viaLibrary,
      text,
    ]);
    deepEqual(await theirs.exit(), { code: 0, signal: null }, theirs.stderr.all.join("\n"));
    const log = createSyslog({
      ident: "demo",
      options: LOG_PID,
      facility: LOG_DAEMON,
      target: { path: join(devices, "log") },
    });
    atEnd(t, () => log.close());
    log.log(4, text);
    log.log(35, "second");
    const messages = (await server.next(4)).map((each) =>
      withoutTime(each).replace(/\[\d+\]:/, "[PID]:"),
    );
    deepEqual(messages.slice(0, 2), messages.slice(2));
    match(messages[0] ?? "", /^<28>TIME demo\[PID\]: /);
  },
);

test(
  "what logger(1) writes is read, in each of its forms",
  { skip: why("logger", ["--version"]) },
  async (t) => {
    const path = join(temporaryDirectory(t), "log");
    const server = fakeSyslogd(t, path);
    const say = (...args: string[]): void => {
      const options = ["-u", path, "-p", "local3.warning", "-t", "demo", ...args];
      equal(spawnSync("logger", options, { encoding: "utf8" }).stderr, "");
    };
    say("--id=77", "plain");
    say("--rfc3164", "--id=77", "old");
    say(
      "--rfc5424",
      "--id=77",
      "--msgid",
      "ID47",
      "--sd-id",
      "x@1",
      "--sd-param",
      `k="a b"`,
      "new",
    );
    const messages = (await server.next(3)).map(parse);
    for (const each of messages)
      deepEqual(
        [each.facility, each.level, each.app, each.processId, each.faults],
        [19, 4, "demo", "77", []],
      );
    deepEqual(
      messages.map(({ form, text, messageId }) => [form, text, messageId]),
      [
        ["rfc3164", "plain", null],
        ["rfc3164", "old", null],
        ["rfc5424", "new", "ID47"],
      ],
    );
    equal(
      messages[1]?.host !== null && messages[2]?.host?.startsWith(messages[1]?.host ?? "?"),
      true,
    );
    equal(messages[2]?.time?.kind, "instant");
    // What logger adds itself (timeQuality) stands among ours.
    deepEqual(
      messages[2]?.structuredData.filter(({ id }) => id === "x@1"),
      [{ id: "x@1", parameters: [["k", "a b"]] }],
    );
  },
);

test("over UDP each message is a datagram of RFC 5424", async (t) => {
  assertNoLeaks(t);
  for (const [family, host] of [
    ["udp4", "127.0.0.1"],
    ["udp6", "::1"],
  ] as const) {
    if (family === "udp6" && networkInterfaces()["lo"]?.every((each) => each.family !== "IPv6")) {
      t.diagnostic("not tried over IPv6, which the loopback interface lacks");
      continue;
    }
    const server = createSocket(family);
    server.bind(0, host);
    await once(server, "listening");
    const log = createSyslog({ ident: "demo", target: { host, port: server.address().port } });
    const came: Buffer[] = [];
    const both = new Promise<void>((resolve) => {
      server.on("message", (bytes: Buffer) => came.push(bytes) === 2 && resolve());
    });
    log.log(LOG_INFO, "w\u{F6}rld", {
      messageId: "M1",
      structuredData: [{ id: "a@1", parameters: [["k", `"]\\`]] }],
    });
    log.log(LOG_ERR, "x".repeat(5000));
    await both;
    const [first, second] = came.map((bytes) => parseSyslog(bytes));
    equal(first?.text, "w\u{F6}rld");
    deepEqual(first?.structuredData, [{ id: "a@1", parameters: [["k", `"]\\`]] }]);
    deepEqual(
      [first?.messageId, first?.app, first?.processId, first?.faults],
      ["M1", "demo", null, []],
    );
    equal(came[1]?.length, 2048);
    equal(second?.level, 3);
    deepEqual(log.counts(), { sent: 2, waiting: 0, lost: 0, cut: 1 });
    log.close();
    server.close();
    await once(server, "close");
  }
});

test("over UDP what the other side's kernel refuses is counted as lost, and told once somebody listens", async (t) => {
  assertNoLeaks(t);
  const server = createSocket("udp4");
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  const log = createSyslog({ ident: "demo", target: { host: "127.0.0.1", port } });
  log.log(LOG_INFO, "to nobody");
  await log.flush();
  await until(() => log.counts().lost, { what: "a loss" });
  const later = createSocket("udp4");
  later.bind(port, "127.0.0.1");
  await once(later, "listening");
  const came: string[] = [];
  const both = new Promise<void>((resolve) => {
    later.on("message", (bytes: Buffer) => came.push(parse(bytes).text) === 2 && resolve());
  });
  log.log(LOG_INFO, "to somebody");
  await both;
  deepEqual(came, ["cannot deliver 1 message: connection refused (ECONNREFUSED)", "to somebody"]);
  log.close();
  later.close();
  await once(later, "close");
});

test("a host that cannot be found costs the messages, not the daemon", async (t) => {
  assertNoLeaks(t);
  // A label has at most 63 bytes, so no name server is asked, which might take its time.
  const host = `${"x".repeat(64)}.invalid`;
  const log = createSyslog({ ident: "demo", target: { host }, holdMs: 1 });
  log.log(LOG_INFO, "x");
  await log.flush();
  equal(log.counts().lost, 1);
  log.close();
});

test("a facility that is none is refused by its name", () => {
  for (const facility of ["local8", 4, 200 << 3, -8])
    throws(
      () => createSyslog({ ident: "demo", facility }),
      (error) =>
        error instanceof DaemonError &&
        error.code === "EINVAL" &&
        error.message === `cannot open log "demo": unknown facility "${facility}"`,
    );
});
