import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isAlive, readProcess, start, until } from "@supervise/testkit";
import { daemonRoom } from "./daemonize-harness.js";
import { commandLine, finish, gone, kill } from "./harness.js";

test("a second instance is refused, naming the first; of many at once one wins", async (t) => {
  const room = daemonRoom(t);
  const pid = await room.daemon(["sleep", "60"]);
  const second = await room.run("--pidfile", room.pidfile, "--", "sleep", "60");
  equal(second.code, 1);
  match(second.stderr, new RegExp(`it runs already as process ${pid} \\(EBUSY\\)`));
  deepEqual(room.processes(), [pid]);
  equal(readFileSync(room.pidfile, "utf8"), `${pid}\n`);
  await room.run("--stop", "--pidfile", room.pidfile);

  const words = ["--pidfile", room.pidfile, "--", "sleep", "60"];
  const results = await Promise.all([1, 2, 3, 4].map(() => room.run(...words)));
  deepEqual(
    results.map(({ code }) => code ?? -1).toSorted((a, b) => a - b),
    [0, 1, 1, 1],
  );
  deepEqual(room.processes(), [Number(readFileSync(room.pidfile, "utf8"))]);
});

test("SIGKILL of the daemon frees its lock, although a child of it lives on", async (t) => {
  const room = daemonRoom(t);
  const first = await room.daemon(["sh", "-c", "sleep 60 & exec sleep 61"]);
  await until(() => room.processes().length === 2, { what: "its child" });
  kill(first, "SIGKILL");
  await gone(first);
  equal(room.processes().length, 1);
  equal((await room.run("--status", "--pidfile", room.pidfile)).code, 1);
  const second = await room.daemon(["sleep", "60"]);
  notEqual(second, first);
});

test("a daemon that closes its lock's descriptor still keeps a second one out", async (t) => {
  const room = daemonRoom(t);
  const pid = await room.daemon(["sh", "-c", "exec 3<&-; exec sleep 60"]);
  await until(() => commandLine(pid) === "sleep 60", { what: "the lock to be closed" });
  const second = await room.run("--pidfile", room.pidfile, "--", "sleep", "60");
  match(second.stderr, new RegExp(`it runs already as process ${pid}`));
  const status = await room.run("--status", "--pidfile", room.pidfile);
  match(status.stdout, /it has the start time that is noted in lock/);
  // By the lock alone it is not proved, and a note that it has forged aims at nobody.
  equal((await room.run("--stop", "--lockfile", room.lockfile)).code, 1);
  const note = readFileSync(room.lockfile, "utf8");
  const stranger = start(t, "sleep", ["60"]);
  const ticks = String(readProcess(stranger.pid)?.startTime);
  writeFileSync(room.lockfile, note.replace(/^\d+\n\d+/, `${stranger.pid}\n${ticks}`));
  const aimed = await room.run("--stop", "--pidfile", room.pidfile);
  equal(aimed.code, 1);
  match(aimed.stderr, new RegExp(`and lock ".*" process ${stranger.pid}`));
  ok(isAlive(stranger.pid) && isAlive(pid));
  writeFileSync(room.lockfile, note);
  equal((await room.run("--stop", "--pidfile", room.pidfile)).code, 0);
  await gone(pid);
});

test("a status has the codes of the Linux Standard Base", async (t) => {
  const room = daemonRoom(t);
  const status = () => room.run("--status", "--pidfile", room.pidfile);
  equal((await status()).code, 3);
  const pid = await room.daemon(["sleep", "60"]);
  const up = await status();
  equal(up.code, 0);
  equal(
    up.stdout,
    `"${room.pidfile}" runs as process ${pid}: the kernel says that it holds lock "${room.lockfile}"\n`,
  );
  const told = await room.run("--status", "--json", "--pidfile", room.pidfile);
  const why = `the kernel says that it holds lock "${room.lockfile}"`;
  deepEqual(JSON.parse(told.stdout), { status: "running", pid, why });
  kill(pid, "SIGKILL");
  await gone(pid);
  equal((await status()).code, 1);
  rmSync(room.lockfile);
  writeFileSync(room.pidfile, "no number\n");
  const unknown = await status();
  equal(unknown.code, 4);
  match(unknown.stdout, /is malformed/);
});

test("--stop ends the daemon and what it left in its session, and removes the pidfile", async (t) => {
  const room = daemonRoom(t);
  const script = `(trap "" TERM; while :; do sleep 60; done) & exec sleep 60`;
  const pid = await room.daemon(["sh", "-c", script]);
  await until(() => room.processes().length === 3, { what: "its children" });
  const result = await room.run("--stop", "--pidfile", room.pidfile, "--grace", "300ms");
  equal(result.code, 0);
  match(result.stdout, new RegExp(`stopped process ${pid}, with SIGKILL after 0\\.3 s`));
  deepEqual(room.processes(), []);
  ok(!existsSync(room.pidfile));
  const again = await room.run("--stop", "--pidfile", room.pidfile);
  equal(again.code, 0);
  match(again.stdout, /nothing to stop: pidfile ".*" is not there/);
});

test("--stop by a lock alone, and of a daemon that was stopped by SIGSTOP", async (t) => {
  const room = daemonRoom(t);
  await room.run("--lockfile", room.lockfile, "--", "sleep", "60");
  const [pid = 0] = room.processes();
  kill(pid, "SIGSTOP");
  const result = await room.run("--stop", "--lockfile", room.lockfile);
  equal(result.stdout, `stopped process ${pid}\n`);
  deepEqual(room.processes(), []);
});

test("--restart puts another in its place, --reload sends SIGHUP", async (t) => {
  const room = daemonRoom(t);
  const log = join(room.directory, "log");
  const script = 'trap "echo reloaded" HUP; echo up; while :; do sleep 60 & wait $!; kill $!; done';
  const command = ["--stdout", log, "--pidfile", room.pidfile, "--", "sh", "-c", script];
  equal((await room.run(...command)).code, 0);
  const first = Number(readFileSync(room.pidfile, "utf8"));
  await until(() => readFileSync(log, "utf8") === "up\n", { what: "the first" });
  equal((await room.run("--reload", "--pidfile", room.pidfile)).code, 0);
  await until(() => readFileSync(log, "utf8") === "up\nreloaded\n", { what: "the reload" });
  ok(isAlive(first));
  equal((await room.run("--restart", ...command)).code, 0);
  ok(!isAlive(first));
  await until(() => readFileSync(log, "utf8") === "up\nreloaded\nup\n", { what: "the second" });
  equal((await room.run("--stop", "--pidfile", room.pidfile)).code, 0);
  const reload = await room.run("--reload", "--pidfile", room.pidfile);
  equal(reload.code, 1);
  match(reload.stderr, /cannot reload .* is not there/);
});

test("no signal goes to a process that is not proved to be meant", async (t) => {
  const room = daemonRoom(t);
  const stranger = start(t, "sleep", ["60"]);
  const first = await room.daemon(["sleep", "60"]);
  kill(first, "SIGKILL");
  await gone(first);
  // Somebody wrote another's number over it: the lock is nobody's.
  writeFileSync(room.pidfile, `${stranger.pid}\n`);
  for (const action of ["--stop", "--reload"]) {
    const result = await room.run(action, "--pidfile", room.pidfile);
    equal(result.code, 1);
    match(result.stderr, /a process that is not proved to be meant: .* but nobody holds lock/);
  }
  ok(isAlive(stranger.pid));
  equal((await room.run("--status", "--pidfile", room.pidfile)).code, 4);
});

test("a pidfile of a daemon that another started is enough while there is no lock", async (t) => {
  const room = daemonRoom(t);
  const daemon = start(t, "sleep", ["60"]);
  writeFileSync(room.pidfile, `${daemon.pid}\n`);
  const status = await room.run("--status", "--pidfile", room.pidfile);
  equal(status.code, 0);
  match(status.stdout, /it started before the pidfile was written/);
  equal((await room.run("--stop", "--pidfile", room.pidfile)).code, 0);
  deepEqual(await daemon.exit(), { code: null, signal: "SIGTERM" });
  ok(!existsSync(room.pidfile));
});

test("in the foreground it keeps stdio and session, passes signals and exit code on", async (t) => {
  const room = daemonRoom(t);
  const script = `trap 'echo told; kill $!; exit 7' USR1; sleep 60 & echo up; wait $!`;
  const words = ["--foreground", "--pidfile", room.pidfile, "--", "sh", "-c", script];
  const started = room.begin(words);
  await started.stdout.match(/^up$/);
  await until(() => existsSync(room.pidfile), { what: "the pidfile" });
  const pid = Number(readFileSync(room.pidfile, "utf8"));
  notEqual(pid, started.pid);
  const second = await room.run("--pidfile", room.pidfile, "--", "sleep", "60");
  match(second.stderr, new RegExp(`runs already as process ${pid}`));
  process.kill(started.pid, "SIGUSR1");
  const ended = await finish(started);
  equal(ended.code, 7);
  equal(ended.stdout, "up\ntold\n");
  ok(!existsSync(room.pidfile));
  const signalled = await room.run("--foreground", "--", "sh", "-c", "kill -9 $$");
  equal(signalled.code, 137);
});

test("in the foreground it does not outlive the one in front of it", async (t) => {
  const room = daemonRoom(t);
  const started = room.begin(["--foreground", "--pidfile", room.pidfile, "--", "sleep", "60"]);
  await until(() => existsSync(room.pidfile), { what: "the pidfile" });
  const pid = Number(readFileSync(room.pidfile, "utf8"));
  ok(isAlive(pid));
  process.kill(started.pid, "SIGKILL");
  await gone(pid);
});
