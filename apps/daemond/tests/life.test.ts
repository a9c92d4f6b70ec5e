import { deepEqual, equal, match, ok } from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { test } from "node:test";
import { readProcess, until } from "@supervise/testkit";
import { converse, descriptors, get, gone, kill, open, place } from "./harness.js";

test("a daemon is detached, and its descriptors are as documented", async (t) => {
  const it = place(t);
  const pid = await it.start();
  const fds = descriptors(pid);
  deepEqual(
    [0, 1, 2, 3].map((fd) => fds.get(fd)),
    ["/dev/null", "/dev/null", "/dev/null", it.log],
  );
  match(readFileSync(`/proc/${pid}/fdinfo/3`, "utf8"), /^flags:\s+\d*2001$/m, "O_APPEND, O_WRONLY");
  const [, fd] = await it.row(/^listening on 127\.0\.0\.1:\d+, descriptor (\d+), .* backlog 128/);
  match(fds.get(Number(fd)) ?? "", /^socket:/);
  equal([...fds.values()].filter((what) => what.startsWith("socket:")).length, 1);
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  match(status, /^Umask:\s+0022$/m);
  const session = Number(/^NSsid:\s+(\d+)/m.exec(status)?.[1]);
  ok(session > 0 && session !== pid, "it leads no session, so that it can never have a terminal");
  ok(readProcess(pid)?.ppid !== process.pid);
});

test("the rows of the start have both clocks, in order", async (t) => {
  const it = place(t);
  await it.start();
  await it.row(/^ready: start to listening took \d+\.\d{3} ms/);
  const rows = readFileSync(it.log, "utf8").trim().split("\n");
  const stamps = rows.map((row) => {
    const found =
      /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) daemond\[\d+\]: .* \(monotonic (\d+)\.(\d{9}) s\)$/.exec(
        row,
      );
    ok(found !== null, row);
    const [, real = "", seconds = "", nanos = ""] = found;
    return { real, nanos: BigInt(seconds + nanos) };
  });
  equal(stamps.length, 4);
  for (const [index, { real, nanos }] of stamps.entries()) {
    const before = stamps[index - 1];
    ok(before === undefined || (before.real <= real && before.nanos < nanos));
  }
  const uptimeNanos = process.hrtime.bigint();
  ok((stamps[3]?.nanos ?? uptimeNanos) < uptimeNanos, "it is the kernel's monotonic clock");
  ok(Math.abs(Date.parse(stamps[3]?.real ?? "") - Date.now()) < 60_000);
});

test("a stale pidfile is replaced, and the log names the number", async (t) => {
  const it = place(t);
  writeFileSync(it.pidfile, "4194304\n");
  const pid = await it.start();
  equal(readFileSync(it.pidfile, "utf8"), `${pid}\n`);
  await it.row(/^wrote pidfile ".*", which held the number 4194304 of a daemon that is gone/);
});

test("a second instance is refused, and the first is named", async (t) => {
  const it = place(t);
  const pid = await it.start();
  const { code, stderr } = await it.run("--config", it.conf);
  equal(code, 1);
  equal(
    stderr,
    `daemond: cannot lock "${it.pidfile}.lock": it runs already as process ${pid} (EBUSY)\n`,
  );
  equal(readFileSync(it.pidfile, "utf8"), `${pid}\n`);
  match(await converse(it.port(), get("/status")), /^HTTP\/1\.1 200 /);
});

test("accept and close are told with descriptor and peer", async (t) => {
  const it = place(t);
  const pid = await it.start();
  const { socket, end } = open(it.port());
  await once(socket, "connect");
  const peer = `127\\.0\\.0\\.1:${socket.localPort}`;
  const [, fd] = await it.row(new RegExp(`^accepted connection (\\d+) from ${peer}$`));
  match(descriptors(pid).get(Number(fd)) ?? "", /^socket:/);
  socket.write(get("/status"));
  match(await end, /"open": 1/);
  await it.row(
    new RegExp(`^closed connection ${fd} from ${peer} as asked, 1 requests, \\d+\\.\\d{3} ms$`),
  );
  ok(!descriptors(pid).has(Number(fd)));
});

test("SIGHUP after a rename loses no row, and the new configuration holds", async (t) => {
  const it = place(t);
  const pid = await it.start();
  const port = it.port();
  renameSync(it.log, `${it.log}.1`);
  await converse(port, get("/status"));
  const old = (): string => readFileSync(`${it.log}.1`, "utf8");
  await until(() => old().includes(": closed connection"), { what: "the row of the close" });
  it.configure("port = 0", "idle_timeout = 7s");
  kill(pid, "SIGHUP");
  await it.row(/^reloaded ".*" and reopened the log, descriptor 3, in \d+\.\d{3} ms$/);
  equal(descriptors(pid).get(3), it.log);
  equal(old().match(/: accepted connection/g)?.length, 1);
  equal(it.rows().filter((row) => row.startsWith("accepted connection")).length, 0);
  match(await converse(port, get("/status")), /"idleTimeoutMs": 7000/);
});

test("a bad new configuration is told and changes nothing", async (t) => {
  const it = place(t);
  it.configure("port = 0", "idle_timeout = 9s");
  const pid = await it.start();
  it.configure("prot = 1", "idle_timeout = soon");
  kill(pid, "SIGHUP");
  await it.row(/^kept the old configuration/);
  await it.row(/^cannot read ".*", line 1, column 1: .* did you mean "port"\?$/);
  await it.row(/^cannot read ".*", line 2, column 16: idle_timeout must be .*, found "soon"$/);
  match(await converse(it.port(), get("/status")), /"generation": 1[^]*"idleTimeoutMs": 9000/);
});

test("a log that can't be opened keeps the old one", async (t) => {
  const it = place(t);
  const pid = await it.start();
  it.configure("port = 0", `log = ${it.directory}/missing/d.log`);
  kill(pid, "SIGHUP");
  await it.row(/^cannot open log ".*missing\/d\.log": no such file or directory \(ENOENT\)$/);
  await it.row(/^kept the old configuration/);
  equal(descriptors(pid).get(3), it.log);
});

test("a changed port is reported, and the socket stays", async (t) => {
  const it = place(t);
  const pid = await it.start();
  const port = it.port();
  it.configure("port = 1");
  kill(pid, "SIGHUP");
  await it.row(
    new RegExp(
      `^the configuration says port 1 at 127\\.0\\.0\\.1, but the socket stays bound to 127\\.0\\.0\\.1:${port} until the next start$`,
    ),
  );
  match(await converse(port, get("/status")), /^HTTP\/1\.1 200 /);
});

test("SIGTERM finishes what is in flight, closes in order, and leaves nothing", async (t) => {
  const it = place(t);
  const pid = await it.start();
  const port = it.port();
  const idle = open(port);
  const busy = open(port);
  await until(() => it.rows().filter((row) => row.startsWith("accepted ")).length === 2, {
    what: "two connections",
  });
  // Sent first, it is there when the other is answered.
  await new Promise((resolve) =>
    busy.socket.write("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab", resolve),
  );
  idle.socket.write("GET /status HTTP/1.1\r\nHost: x\r\n\r\n");
  await once(idle.socket, "data");
  const { length } = it.rows();
  kill(pid, "SIGTERM");
  equal((await idle.end).includes("200 OK"), true);
  // The second half comes when the daemon is ending already.
  busy.socket.write("cd");
  match(await busy.end, /^HTTP\/1\.1 200 OK\r\n[^]*connection: close\r\n\r\nabcd$/);
  await gone(pid);
  const rows = it
    .rows()
    .slice(length)
    .filter((row) => !row.startsWith("closed connection "));
  deepEqual(
    rows.map((row) => row.replaceAll(/\d+(\.\d+)*/g, "N")),
    [
      "SIGTERM: stopped accepting on N:N, descriptor N; N holds the socket",
      "finished what was in flight: N connections before, N unfinished",
      "closed no connection",
      "stopped the timer of the scans, which has no descriptor",
      "closed listener N:N, descriptor N",
      `removed pidfile "${it.pidfile.replaceAll(/\d+(\.\d+)*/g, "N")}"`,
      "shut down in N ms; log at descriptor N ends",
    ],
  );
  ok(!existsSync(it.pidfile));
});

test("the next generation binds the port at once and appends to the same log", async (t) => {
  const it = place(t);
  let pid = await it.start();
  const port = it.port();
  // Who closes first has its port in TIME_WAIT: without SO_REUSEADDR nobody could bind it again.
  await converse(port, get("/status"));
  const [started] = it.rows();
  kill(pid, "SIGTERM");
  await gone(pid);
  it.configure(`port = ${port}`);
  pid = await it.start();
  // Whoever started it hears that it is ready before the row is there.
  await until(() => it.rows().filter((row) => row.startsWith("ready: ")).length, {
    is: (ready) => ready === 2,
    what: "the second row of readiness",
  });
  equal(it.rows()[0], started);
  match(await converse(port, get("/status")), new RegExp(`"pid": ${pid},`));
});

test("128 clients wait while nobody accepts them", async (t) => {
  const it = place(t);
  const pid = await it.start();
  const port = it.port();
  kill(pid, "SIGSTOP");
  await until(() => readProcess(pid)?.state === "T", { what: "the daemon to stand still" });
  const clients = Array.from({ length: 128 }, () => connect(port, "127.0.0.1"));
  await Promise.all(clients.map((client) => once(client, "connect")));
  const place4 = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const waiting = (): number => {
    const row = readFileSync("/proc/net/tcp", "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .find(([, local, , state]) => local === place4 && state === "0A");
    return Number.parseInt(row?.[4]?.split(":")[1] ?? "", 16);
  };
  // The end of a handshake may come a little later than its client says that it is connected.
  await until(waiting, { is: (count) => count === 128, what: "128 connections to wait" });
  for (const client of clients) client.destroy();
  kill(pid, "SIGCONT");
});
