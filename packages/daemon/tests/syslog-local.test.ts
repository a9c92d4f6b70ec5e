import { deepEqual, equal, match, ok } from "node:assert/strict";
import { once } from "node:events";
import {
  closeSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import {
  atEnd,
  assertNoLeaks,
  openDescriptors,
  temporaryDirectory,
  until,
} from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import {
  createSyslog,
  LOG_AUTH,
  LOG_CONS,
  LOG_DAEMON,
  LOG_DEBUG,
  LOG_ERR,
  LOG_INFO,
  LOG_LOCAL7,
  LOG_MASK,
  LOG_NDELAY,
  LOG_PID,
  LOG_UPTO,
  LOG_WARNING,
  parseSyslog,
} from "@supervise/daemon";
import type { SyslogLogger, SyslogOptions } from "@supervise/daemon";
import { fakeSyslogd, kernel } from "./fake-syslogd.js";

const parse = (text: string) => parseSyslog(Buffer.from(text));
const texts = (messages: readonly string[]): string[] => messages.map((each) => parse(each).text);

function logger(t: TestScope, path: string, more: Partial<SyslogOptions> = {}): SyslogLogger {
  const made = createSyslog({ ident: "demo", target: { path }, ...more });
  atEnd(t, () => made.close());
  return made;
}

test("a message is what syslog(3) of the C library would send", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "log");
  const server = fakeSyslogd(t, path);
  const log = logger(t, path, { options: LOG_PID, facility: LOG_DAEMON });
  log.log(LOG_WARNING, "hello w\u{F6}rld");
  log.log(LOG_AUTH | LOG_ERR, "cannot read: %m (100%)", { cause: "ENOENT" });
  log.log(LOG_INFO, "%m stays without a cause");
  const messages = await server.next(3);
  match(
    messages[0] ?? "",
    /^<28>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d demo\[\d+\]: hello w\u{F6}rld$/u,
  );
  equal(parse(messages[0] ?? "").processId, String(process.pid));
  equal(parse(messages[1] ?? "").text, "cannot read: no such file or directory (100%)");
  deepEqual([parse(messages[1] ?? "").facility, parse(messages[1] ?? "").level], [4, 3]);
  equal(parse(messages[2] ?? "").text, "%m stays without a cause");
  deepEqual(log.counts(), { sent: 3, waiting: 0, lost: 0, cut: 0 });
});

test("the mask lets its levels through, and 0 only asks", async (t) => {
  const path = join(temporaryDirectory(t), "log");
  const server = fakeSyslogd(t, path);
  const log = logger(t, path);
  equal(log.setMask(LOG_UPTO(LOG_WARNING)), 0xff);
  equal(log.setMask(0), 0x1f);
  log.log(LOG_INFO, "not this");
  log.log(LOG_LOCAL7 | LOG_WARNING, "this");
  equal(log.setMask(LOG_MASK(LOG_DEBUG)), 0x1f);
  log.log(LOG_WARNING, "not this either");
  log.log(LOG_DEBUG, "and this");
  deepEqual(texts(await server.next(2)), ["this", "and this"]);
});

test("a priority with bits of no meaning is said, and the message is kept", async (t) => {
  const path = join(temporaryDirectory(t), "log");
  const server = fakeSyslogd(t, path);
  logger(t, path).log(0x1000 | LOG_ERR, "kept");
  logger(t, path).log((24 << 3) | LOG_ERR, "kept too");
  const messages = (await server.next(4)).map(parse);
  deepEqual(
    messages.map(({ facility, level, text }) => `${facility}.${level} ${text}`),
    [
      "1.3 unknown facility or level 4099",
      "1.3 kept",
      "1.3 unknown facility or level 195",
      "1.3 kept too",
    ],
  );
});

test("the limit cuts between two characters and is counted", async (t) => {
  const path = join(temporaryDirectory(t), "log");
  const server = fakeSyslogd(t, path);
  const log = logger(t, path, { maxBytes: 64 });
  log.log(LOG_ERR, "\u{20AC}".repeat(100));
  const [message = ""] = await server.next(1);
  const length = Buffer.byteLength(message);
  ok(length > 61 && length <= 64, message);
  match(message, /: \u{20AC}+$/u);
  equal(log.counts().cut, 1);
});

test("a restart of syslogd costs nothing that it had not taken: what comes meanwhile waits", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "log");
  const first = fakeSyslogd(t, path);
  const log = logger(t, path);
  log.log(LOG_INFO, "one");
  deepEqual(texts(await first.next(1)), ["one"]);
  first.stop();
  const second = fakeSyslogd(t, path);
  log.log(LOG_INFO, "two");
  deepEqual(texts(await second.next(1)), ["two"], "the dead connection is replaced at once");
  second.stop();
  log.log(LOG_INFO, "three");
  log.log(LOG_INFO, "four");
  equal(log.counts().waiting, 2);
  const third = fakeSyslogd(t, path);
  deepEqual(texts(await third.next(2)), ["three", "four"]);
  await log.flush();
  deepEqual(log.counts(), { sent: 4, waiting: 0, lost: 0, cut: 0 });
});

test("where nobody listens messages are given up, counted, written to the console and told later", async (t) => {
  assertNoLeaks(t);
  const directory = temporaryDirectory(t);
  const path = join(directory, "log");
  const consolePath = join(directory, "console");
  writeFileSync(consolePath, "");
  const log = logger(t, path, { options: LOG_CONS | LOG_NDELAY, consolePath, holdMs: 20 });
  log.log(LOG_INFO, "one");
  log.log(LOG_INFO, "two");
  await log.flush();
  deepEqual(log.counts(), { sent: 0, waiting: 0, lost: 2, cut: 0 });
  equal(readFileSync(consolePath, "utf8"), "demo: one\r\ndemo: two\r\n");
  const server = fakeSyslogd(t, path);
  log.log(LOG_INFO, "three");
  deepEqual(texts(await server.next(2)), [
    "cannot deliver 2 messages: no such file or directory (ENOENT)",
    "three",
  ]);
});

test("a syslogd that does not read stops nobody; what waits goes out in order once it reads", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "log");
  const server = fakeSyslogd(t, path);
  const log = logger(t, path);
  const all = Array.from({ length: 3000 }, (_, index) => `line ${index}`);
  for (const line of all) log.log(LOG_INFO, line);
  ok(log.counts().waiting > 100, `only ${log.counts().waiting} wait`);
  deepEqual(texts(await server.next(all.length)), all);
  await log.flush();
  deepEqual(log.counts(), { sent: 3000, waiting: 0, lost: 0, cut: 0 });
});

test("a syslogd that never reads costs a bounded wait, and the loss is told when it does", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "log");
  const server = fakeSyslogd(t, path);
  const log = logger(t, path, { holdMs: 30, holdBytes: 10_000 });
  for (let index = 0; index < 3000; index += 1) log.log(LOG_INFO, `line ${index}`);
  ok(log.counts().waiting < 400, "no more than the bytes that may wait");
  await log.flush();
  const { sent, lost, waiting } = log.counts();
  deepEqual([sent + lost, waiting], [3000, 0]);
  equal(server.read().length, sent);
  log.log(LOG_INFO, "again");
  deepEqual(texts(await server.next(2)), [
    `cannot deliver ${lost} messages: no buffer space available (ENOBUFS)`,
    "again",
  ]);
});

/** A stream socket where syslog would listen; messages end with a NUL. */
async function streamServer(
  t: TestScope,
  path: string,
): Promise<{ server: Server; read(): string[] }> {
  let text = "";
  const server = createServer((socket: Socket) => {
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => (text += chunk));
    atEnd(t, () => void socket.destroy());
  });
  server.listen(path);
  await once(server, "listening");
  atEnd(t, async () => {
    server.close();
    if (server.listening) await once(server, "close");
  });
  return { server, read: () => text.split("\0").slice(0, -1) };
}

test("a stream is used where the socket is one, and no message is torn however full it gets", async (t) => {
  const path = join(temporaryDirectory(t), "log");
  const { read } = await streamServer(t, path);
  const log = logger(t, path);
  const all = Array.from(
    { length: 2000 },
    (_, index) => `line ${index} ${"x".repeat(index % 700)}`,
  );
  for (const line of all) log.log(LOG_INFO, line);
  ok(log.counts().waiting > 100, `only ${log.counts().waiting} wait`);
  log.log(LOG_INFO, "a\0b");
  await until(read, { what: "all messages", is: (seen) => seen.length > all.length });
  deepEqual(texts(read()), [...all, "a#000b"]);
});

test("LOG_NDELAY connects at once, before /dev/log is out of sight", async (t) => {
  const path = join(temporaryDirectory(t), "log");
  const server = fakeSyslogd(t, path);
  const early = logger(t, path, { options: LOG_NDELAY });
  const late = logger(t, path, { holdMs: 1 });
  renameSync(path, `${path}.moved`);
  early.log(LOG_INFO, "early");
  late.log(LOG_INFO, "late");
  await late.flush();
  deepEqual(texts(await server.next(1)), ["early"]);
  deepEqual([early.counts().lost, late.counts().lost], [0, 1]);
  renameSync(`${path}.moved`, path);
});

test("a descriptor that was closed behind its back is not closed again, and a new one is made", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "log");
  const server = fakeSyslogd(t, path);
  const log = logger(t, path);
  const before = new Set(openDescriptors());
  log.log(LOG_INFO, "one");
  const fd = Number.parseInt(openDescriptors().find((each) => !before.has(each)) ?? "", 10);
  equal(kernel.close(fd), 0);
  equal(openSync("/dev/null", "r"), fd, "the number is given out again");
  log.log(LOG_INFO, "two");
  deepEqual(texts(await server.next(2)), ["one", "two"]);
  equal(readlinkSync(`/proc/self/fd/${fd}`), "/dev/null");
  closeSync(fd);
});

test("close waits for what has to wait, and a later message opens again", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "log");
  const server = fakeSyslogd(t, path);
  const log = logger(t, path);
  for (let index = 0; index < 1000; index += 1) log.log(LOG_INFO, "before");
  log.close();
  equal((await server.next(1000)).length, 1000);
  await log.flush();
  log.log(LOG_INFO, "after");
  deepEqual(texts(await server.next(1)), ["after"]);
  log.close();
  server.stop();
  log.log(LOG_INFO, "to nobody");
  log.close();
  deepEqual(log.counts(), { sent: 1001, waiting: 0, lost: 1, cut: 0 });
});
