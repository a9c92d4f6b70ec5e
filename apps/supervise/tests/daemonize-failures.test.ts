import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { createKernel } from "@supervise/sys";
import { atEnd, fixture, readProcess, spawnFixture, start, until } from "@supervise/testkit";
import { daemonRoom } from "./daemonize-harness.js";
import type { DaemonRoom } from "./daemonize-harness.js";
import { COMMAND, finish } from "./harness.js";

const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;

/** Nothing runs, and no pidfile is left. */
function assertNothingLeft(room: DaemonRoom): void {
  deepEqual(room.processes(), []);
  ok(!existsSync(room.pidfile));
}

test("what it prints before it is ready is shown, and its exit code is the starter's", async (t) => {
  const room = daemonRoom(t);
  for (const [script, code] of [
    ["echo no port >&2; exit 3", 3],
    ["echo no port >&2; exit 0", 1],
    ["echo no port >&2; kill -9 $$", 137],
  ] as const) {
    for (const log of [[], ["--stderr", "err.log"]]) {
      const words = ["--pidfile", room.pidfile, "--ready", "notify", ...log];
      const result = await room.run(...words, "--", "sh", "-c", script);
      equal(result.code, code);
      match(result.stderr, /^no port\nsupervise: cannot start "sh": it .* before it was ready/);
      assertNothingLeft(room);
    }
  }
  // Only what came during its own start is shown.
  equal(readFileSync(join(room.directory, "err.log"), "utf8"), "no port\n".repeat(3));
});

test("without --ready, one that fails at once has failed to start, and one that ends well has not", async (t) => {
  const room = daemonRoom(t);
  const log = join(room.directory, "log");
  const fails = ["--", "sh", "-c", "echo no port >&2; exit 3"];
  const silent = await room.run("--pidfile", room.pidfile, ...fails);
  equal(silent.code, 3);
  match(
    silent.stderr,
    /it ended within 250 ms of its start \(exit code 3\)\n.*name a log with --stderr/,
  );
  const logged = await room.run("--pidfile", room.pidfile, "--stderr", log, ...fails);
  equal(logged.code, 3);
  match(logged.stderr, /^no port\nsupervise: cannot start "sh": it ended within/);
  assertNothingLeft(room);
  const killed = await room.run("--pidfile", room.pidfile, "--", "sh", "-c", "kill -SEGV $$");
  equal(killed.code, 139);
  const over = await room.run("--pidfile", room.pidfile, "--", "sh", "-c", "sleep 60 &");
  equal(over.code, 0);
  match(over.stdout, /, which has ended already, with exit code 0\n$/);
  ok(!existsSync(room.pidfile));
  // What it has left goes on.
  equal(room.processes().length, 1);
  // Nobody waits for more than its exec where that is all that is asked for.
  const quick = await room.run("--ready", "exec", "--pidfile", room.pidfile, ...fails);
  equal(quick.code, 0);
});

test("one that never becomes ready is stopped with all of its session, at its deadline", async (t) => {
  const room = daemonRoom(t);
  const script = 'trap "" TERM; sleep 60 & echo waiting >&2; while :; do wait; done';
  // Time enough for its word.
  const words = ["--pidfile", room.pidfile, "--timeout", "2s", "--grace", "200ms"];
  const result = await room.run(...words, "--ready", "notify", "--", "sh", "-c", script);
  equal(result.code, 1);
  match(
    result.stderr,
    /^waiting\nsupervise: cannot start "sh": it was not ready within 2 s, and was stopped\n/,
  );
  assertNothingLeft(room);
});

test("one that closes its readiness descriptor without a word has failed", async (t) => {
  const room = daemonRoom(t);
  const words = ["--pidfile", room.pidfile, "--ready", "fd:3", "--", "sh", "-c"];
  const result = await room.run(...words, "exec 3>&-; exec sleep 60");
  equal(result.code, 1);
  match(result.stderr, /it closed its readiness descriptor without a newline, and was stopped/);
  assertNothingLeft(room);
});

test("what it says of itself is in the message, without control characters", async (t) => {
  const room = daemonRoom(t);
  const words = ["--ready", "notify", "--timeout", "2s", "--"];
  const program = [fixture("notify-ready"), "STATUS=waiting for \u001b[31mdisk"];
  const result = await room.run(...words, ...program);
  equal(result.code, 1);
  match(result.stderr, /it said "STATUS=waiting for  \[31mdisk"/);
});

test("READY=1 of a stranger is not believed", async (t) => {
  const room = daemonRoom(t);
  const told = join(room.directory, "told");
  const go = join(room.directory, "go");
  const script =
    'echo "$NOTIFY_SOCKET" > "$0.new"; mv "$0.new" "$0"; until [ -e "$1" ]; do sleep 0.02; done; exit 3';
  const words = ["--ready", "notify", "--timeout", "60s", "--", "sh", "-c", script, told, go];
  const started = room.begin(words);
  const path = await until(() => existsSync(told) && readFileSync(told, "utf8").trim(), {
    what: "the socket's name",
  });
  const stranger = start(t, fixture("notify-ready"), [], {
    env: { ...process.env, NOTIFY_SOCKET: path },
  });
  await stranger.stdout.match(/^ready$/);
  // Behind its datagram it sleeps.
  await until(() => readProcess(stranger.pid)?.state === "S", {
    what: "the stranger to have said it",
  });
  writeFileSync(go, "");
  const result = await finish(started);
  equal(result.code, 3);
  match(result.stderr, /before it was ready/);
  // The socket had a directory of its own.
  ok(!existsSync(dirname(path)));
});

test("the starter is interrupted: the daemon is stopped, and 128+n says why", async (t) => {
  const room = daemonRoom(t);
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    const words = ["--pidfile", room.pidfile, "--ready", "notify", "--", "sleep", "60"];
    const started = room.begin(words);
    await until(() => existsSync(room.pidfile), { what: "the pidfile" });
    process.kill(started.pid, signal);
    const result = await finish(started);
    equal(result.code, code);
    match(result.stderr, new RegExp(`was stopped, for ${signal} came before it was ready`));
    assertNothingLeft(room);
  }
});

test("the starter is killed while it waits: the daemon goes on, and is found by its lock", async (t) => {
  const room = daemonRoom(t);
  const words = ["--pidfile", room.pidfile, "--ready", "fd:3", "--", "sleep", "60"];
  const started = room.begin(words);
  await until(() => existsSync(room.pidfile), { what: "the pidfile" });
  process.kill(started.pid, "SIGKILL");
  await started.exit();
  equal((await room.run("--status", "--pidfile", room.pidfile)).code, 0);
  equal((await room.run("--stop", "--pidfile", room.pidfile)).code, 0);
  assertNothingLeft(room);
});

test("a command that can't be executed has the exit code that a shell gives", async (t) => {
  const room = daemonRoom(t);
  const plain = join(room.directory, "plain");
  writeFileSync(plain, "no program");
  const absent = await room.run("--pidfile", room.pidfile, "--", "no-such-program");
  equal(absent.code, 127);
  match(absent.stderr, /executing "no-such-program": command not found in PATH/);
  equal((await room.run("--pidfile", room.pidfile, "--", plain)).code, 126);
  const directory = await room.run("--chdir", join(room.directory, "absent"), "--", "sleep", "60");
  equal(directory.code, 1);
  match(directory.stderr, /changing to directory ".*\/absent": no such directory \(ENOENT\)/);
  const user = await room.run("--user", "no-such-user", "--", "sleep", "60");
  match(user.stderr, /looking up user "no-such-user": no such user \(ENOENT\)/);
  assertNothingLeft(room);
});

test("pidfiles and locks that could mislead are refused, and nothing is started", async (t) => {
  const room = daemonRoom(t);
  const at = (name: string): string => join(room.directory, name);
  symlinkSync("/etc/passwd", at("link.pid"));
  spawnSync("mkfifo", [at("fifo.pid")]);
  mkdirSync(at("directory.pid"));
  for (const [pidfile, why] of [
    [at("link.pid"), /write pidfile ".*": it is a symbolic link, not a file \(EPERM\)/],
    [at("fifo.pid"), /it is a FIFO, not a file/],
    [at("directory.pid"), /it is a directory, not a file/],
    [at("absent/x.pid"), /no such file or directory \(ENOENT\)/],
    ["/dev/null", /cannot (lock|write pidfile) "\/dev\/null.*"/],
  ] as const) {
    const words = ["--pidfile", pidfile, "--lockfile", at("lock"), "--", "sleep", "60"];
    const result = await room.run(...words);
    equal(result.code, 1, pidfile);
    match(result.stderr, why);
    ok(!existsSync(at("lock")), "no lock file is left of a refused pidfile");
  }
  for (const [lockfile, why] of [
    [at("link.pid"), /lock ".*": it is a symbolic link, not a file/],
    [at("fifo.pid"), /it is a FIFO, not a file/],
    ["/dev/null", /it is a device, not a file/],
    [at("absent/lock"), /no such file or directory \(ENOENT\)/],
  ] as const) {
    const result = await room.run("--lockfile", lockfile, "--", "sleep", "60");
    equal(result.code, 1, lockfile);
    match(result.stderr, why);
  }
  deepEqual(room.processes(), []);
});

test("a pidfile that somebody has locked, or that names a living process, is not replaced", async (t) => {
  const room = daemonRoom(t);
  const { pidfile } = room;
  const own = openSync(pidfile, constants.O_RDWR | constants.O_CREAT, 0o644);
  atEnd(t, () => closeSync(own));
  // fcntl(2) for our own descriptor, whose holder the kernel does not name; then flock(2) of another process.
  equal(createKernel().lockFile(own), 0);
  const refused = async (why: RegExp) => {
    const { code, stderr } = await room.run("--pidfile", pidfile, "--", "sleep", "60");
    equal(code, 1);
    match(stderr, why);
    deepEqual(room.processes(), []);
  };
  await refused(
    /cannot write pidfile ".*": another process holds a lock on it, and so runs \(EBUSY\)/,
  );
  rmSync(pidfile);
  const holder = await spawnFixture(t, "hold-lock", [pidfile]);
  await refused(new RegExp(`: process ${holder.pid} holds a lock on it, and so runs \\(EBUSY\\)`));
  rmSync(pidfile);
  writeFileSync(pidfile, `${holder.pid}\n`);
  await refused(new RegExp(`pidfile ".*" is valid: it runs already as process ${holder.pid}\n`));
  equal(readFileSync(pidfile, "utf8"), `${holder.pid}\n`);
});

test("a log that can't be opened is refused, a FIFO without a reader too", async (t) => {
  const room = daemonRoom(t);
  const fifo = join(room.directory, "fifo");
  spawnSync("mkfifo", [fifo]);
  for (const option of ["--stdout", "--stderr"]) {
    for (const [path, code] of [
      [join(room.directory, "absent/log"), "ENOENT"],
      [room.directory, "EISDIR"],
      [fifo, "ENXIO"],
    ] as const) {
      const result = await room.run(option, path, "--pidfile", room.pidfile, "--", "sleep", "60");
      equal(result.code, 1);
      match(result.stderr, new RegExp(`cannot open log "${path}": .* \\(${code}\\)`));
      assertNothingLeft(room);
    }
  }
});

test("wrong usage is told, with what is allowed", async (t) => {
  const room = daemonRoom(t);
  for (const [words, why] of [
    [[], /it needs a command/],
    [["--stop"], /--stop needs --pidfile or --lockfile/],
    [["--status", "--pidfile", "x", "--", "sleep"], /--status takes no command/],
    [["--restart", "--pidfile", "x"], /--restart needs a command/],
    [["--stop", "--reload", "--pidfile", "x"], /--stop and --reload exclude each other/],
    [["--umask", "999", "--", "sleep"], /--umask must be an octal mode such as 027, found "999"/],
    [["--env", "=x", "--", "sleep"], /--env must be KEY=VALUE, found "=x"/],
    [["--ready", "fd:2", "--", "sleep"], /--ready must be notify, exec or fd:N .* found "fd:2"/],
    [["--ready", "soon", "--", "sleep"], /--ready must be notify, exec or fd:N .* found "soon"/],
    [["--timeout", "long", "--", "sleep"], /it must be a duration such as 30s, found "long"/],
    [["--user", "a:b", "--group", "c", "--", "sleep"], /--user "a:b" names a group already/],
  ] as const) {
    const result = await room.run(...words);
    equal(result.code, 64, words.join(" "));
    match(result.stderr, why);
  }
  assertNothingLeft(room);
});

test(
  "a plain user has daemons of his own, may not become another, and can't stop root's",
  { skip: isRoot ? false : "only root can become another user" },
  async (t) => {
    const room = daemonRoom(t);
    const own = join(room.directory, "own");
    mkdirSync(own);
    chmodSync(own, 0o777);
    const env = { PATH: process.env["PATH"], SUPERVISE_DAEMON_TEST: room.directory };
    const as = (...words: readonly string[]) =>
      finish(
        start(
          t,
          "setpriv",
          [
            ...[`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"],
            ...[process.execPath, COMMAND, "daemonize", ...words],
          ],
          { env, cwd: own },
        ),
      );
    const mine = join(own, "d.pid");
    const started = await as("--pidfile", mine, "--ready", "notify", "--", fixture("notify-ready"));
    equal(started.stderr, "");
    equal(started.code, 0);
    equal((await as("--status", "--pidfile", mine)).code, 0);
    equal((await as("--stop", "--pidfile", mine)).code, 0);

    const other = await as("--user", "daemon", "--", "sleep", "60");
    equal(other.code, 1);
    match(
      other.stderr,
      /(?:setting groups|changing to group) .*: operation not permitted \(EPERM\)/,
    );

    await room.daemon(["sleep", "60"]);
    equal((await as("--status", "--pidfile", room.pidfile)).code, 0);
    const stopped = await as("--stop", "--pidfile", room.pidfile);
    equal(stopped.code, 1);
    match(stopped.stderr, /cannot stop process \d+: operation not permitted \(EPERM\)/);
    const second = await as("--pidfile", room.pidfile, "--", "sleep", "60");
    equal(second.code, 1);
    match(second.stderr, /permission denied \(EACCES\)/);
    equal((await room.run("--status", "--pidfile", room.pidfile)).code, 0);

    // A stranger's file where anybody may write could aim root's signals.
    const foreign = join(own, "foreign.pid");
    writeFileSync(foreign, `${process.pid}\n`);
    spawnSync("chown", [String(NOBODY), foreign]);
    const aimed = await room.run("--stop", "--pidfile", foreign);
    equal(aimed.code, 1);
    match(aimed.stderr, /belongs to user 65534 and lies in a directory that anybody may write to/);
  },
);
