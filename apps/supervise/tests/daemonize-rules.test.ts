import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  constants,
  existsSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createKernel } from "@supervise/sys";
import {
  atEnd,
  childrenOf,
  fixture,
  inTerminal,
  isAlive,
  readProcess,
  start,
  until,
} from "@supervise/testkit";
import {
  daemonRoom,
  descriptorsOf,
  openFlags,
  terminalOf,
  untilDescriptors,
} from "./daemonize-harness.js";
import { COMMAND, environmentOf, finish, statusField } from "./harness.js";

const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;

test("the umask is known, whatever the starter's is", async (t) => {
  const room = daemonRoom(t);
  const through = room.begin(["--pidfile", room.pidfile, "--", "sleep", "60"]);
  await finish(through);
  equal(statusField(Number(readFileSync(room.pidfile, "utf8")), "Umask"), "0022");
  await room.run("--stop", "--pidfile", room.pidfile);
  const other = await room.daemon(["sleep", "60"], "--umask", "0");
  equal(statusField(other, "Umask"), "0000");
});

test("a daemon is in a session that nobody leads, and nobody's child but init's", async (t) => {
  const room = daemonRoom(t);
  const pid = await room.daemon(["sleep", "60"]);
  const entry = readProcess(pid);
  ok(entry !== null);
  notEqual(entry.sid, pid);
  equal(entry.pgid, entry.sid);
  notEqual(entry.sid, readProcess("self")?.sid);
  equal(readProcess(entry.sid), null);
  equal(terminalOf(pid), 0);
  // Our child it is not: the starter was its parent, and is gone.
  ok(!childrenOf("self").includes(pid));
});

test("a daemon that opens a terminal does not get it, where a session's leader does", async (t) => {
  const room = daemonRoom(t);
  const kernel = createKernel();
  const pty = kernel.openPty(80, 24);
  ok(typeof pty === "object");
  atEnd(t, () => [pty.controller, pty.terminal].forEach((fd) => void kernel.close(fd)));
  const path = readlinkSync(`/proc/self/fd/${pty.terminal}`);
  const script = `exec 3<>"$0" && exec sleep 60`;
  const daemon = await room.daemon(["sh", "-c", script, path]);
  await until(() => descriptorsOf(daemon)["3"] === path, { what: "the daemon to open it" });
  equal(terminalOf(daemon), 0);

  // It leads the session that `start` has made for it.
  const leader = start(t, "sh", ["-c", script, path]);
  await until(() => terminalOf(leader.pid), { what: "the leader to get the terminal" });
});

test("it works in /, or where it is told", async (t) => {
  const room = daemonRoom(t);
  equal(readlinkSync(`/proc/${await room.daemon(["sleep", "60"])}/cwd`), "/");
  await room.run("--stop", "--pidfile", room.pidfile);
  const other = await room.daemon(["sleep", "60"], "--chdir", room.directory);
  equal(readlinkSync(`/proc/${other}/cwd`), room.directory);
});

for (const mode of ["detached", "foreground"]) {
  test(`what a manager passed by LISTEN_FDS is the daemon's, and nothing else is (${mode})`, async (t) => {
    const room = daemonRoom(t);
    // The shell becomes the command, so that its own PID is the one that is meant.
    const script = `exec 3</dev/zero 4</dev/full 5</dev/zero; LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=web:admin exec "$@"`;
    const words = ["--pidfile", room.pidfile, "--stdout", "/dev/null"];
    if (mode === "foreground") words.push("--foreground");
    const command = [process.execPath, COMMAND, "daemonize", ...words, "--", "sleep", "60"];
    const starter = start(t, "sh", ["-c", script, "sh", ...command], {
      cwd: room.directory,
      env: room.environment,
    });
    if (mode === "detached") await finish(starter);
    else await until(() => existsSync(room.pidfile), { what: "the pidfile" });
    const pid = Number(readFileSync(room.pidfile, "utf8"));
    const { 0: input = "" } = descriptorsOf(pid);
    await untilDescriptors(pid, {
      0: input,
      1: "/dev/null",
      2: "/dev/null",
      3: "/dev/zero",
      4: "/dev/full",
      5: room.lockfile,
    });
    const told = environmentOf(pid).filter((entry) => entry.startsWith("LISTEN_"));
    deepEqual(told.toSorted(), ["LISTEN_FDNAMES=web:admin", "LISTEN_FDS=2", `LISTEN_PID=${pid}`]);
    await room.run("--stop", "--pidfile", room.pidfile);
  });
}

test("every descriptor is closed but its lock, and 0 to 2 are /dev/null", async (t) => {
  const room = daemonRoom(t);
  const words = ["--pidfile", room.pidfile, "--", "sleep", "60"];
  // A file, a pipe's end and a directory that no program asked for.
  const script = `exec 5</etc/passwd 7</ 9>"$0.txt"; exec "$@"`;
  const started = start(
    t,
    "sh",
    ["-c", script, join(room.directory, "x"), process.execPath, COMMAND, "daemonize", ...words],
    { env: { ...process.env, ...markOf(room.directory) } },
  );
  equal((await finish(started)).code, 0);
  const pid = Number(readFileSync(room.pidfile, "utf8"));
  const expected = { "0": "/dev/null", "1": "/dev/null", "2": "/dev/null", "3": room.lockfile };
  await untilDescriptors(pid, expected);
});

test("without a lock nothing is open but 0 to 2", async (t) => {
  const room = daemonRoom(t);
  equal((await room.run("--", "sleep", "60")).code, 0);
  const [pid = 0] = room.processes();
  await untilDescriptors(pid, { 0: "/dev/null", 1: "/dev/null", 2: "/dev/null" });
});

test("logs are opened for appending, and made where they are not there", async (t) => {
  const room = daemonRoom(t);
  const [out, err] = [join(room.directory, "out.log"), join(room.directory, "err.log")];
  writeFileSync(out, "before\n");
  const script = "echo said; echo complained >&2; exec sleep 60";
  const pid = await room.daemon(["sh", "-c", script], "--stdout", out, "--stderr", "err.log");
  const open = await until(() => descriptorsOf(pid)["1"] === out && descriptorsOf(pid), {
    what: "the logs",
  });
  deepEqual([open["1"], open["2"]], [out, err]);
  for (const fd of [1, 2]) ok((openFlags(pid, fd) & constants.O_APPEND) !== 0);
  await until(() => existsSync(err) && readFileSync(err, "utf8") === "complained\n", {
    what: "its words",
  });
  equal(readFileSync(out, "utf8"), "before\nsaid\n");
  equal(statSync(err).mode & 0o777, 0o640);
});

test("one log for stdout is that of stderr too", async (t) => {
  const room = daemonRoom(t);
  const log = join(room.directory, "log");
  await room.daemon(["sh", "-c", "echo a; echo b >&2; exec sleep 60"], "--stdout", log);
  await until(() => readFileSync(log, "utf8") === "a\nb\n", { what: "both" });
});

test("no signal is blocked, ignored or pending, whatever the starter ignores", async (t) => {
  const room = daemonRoom(t);
  const words = ["daemonize", "--pidfile", room.pidfile, "--", "sleep", "60"];
  const ignoring = `trap "" HUP INT QUIT USR1 USR2 PIPE TERM; exec "$0" "$@"`;
  const started = start(t, "sh", ["-c", ignoring, process.execPath, COMMAND, ...words], {
    env: { ...process.env, ...markOf(room.directory) },
  });
  equal((await finish(started)).code, 0);
  const pid = Number(readFileSync(room.pidfile, "utf8"));
  for (const field of ["SigBlk", "SigIgn", "SigCgt", "SigPnd", "ShdPnd"])
    match(statusField(pid, field), /^0+$/, field);
});

test("the terminal is closed while it detaches: the daemon lives, and is ready", async (t) => {
  const room = daemonRoom(t);
  const go = join(room.directory, "go");
  const script = `until [ -e "$0" ]; do read line </dev/null; done; echo >&3; exec 3>&-; exec sleep 60`;
  const words = ["--pidfile", room.pidfile, "--ready", "fd:3", "--", "sh", "-c", script, go];
  const terminal = inTerminal(t, [process.execPath, COMMAND, "daemonize", ...words], {
    env: { ...process.env, ...markOf(room.directory) },
  });
  const pid = Number(
    await until(() => existsSync(room.pidfile) && readFileSync(room.pidfile, "utf8"), {
      what: "the pidfile",
    }),
  );
  const starter = readProcess(pid)?.ppid ?? 0;
  terminal.hangUp();
  // The starter waits on, although its terminal is gone, and ends as ever once the daemon is ready.
  await until(() => terminalOf(starter) === 0, { what: "the hang-up to have come" });
  ok(isAlive(starter));
  writeFileSync(go, "");
  await until(() => !isAlive(starter), { what: "the starter to end" });
  await until(() => readFileSync(`/proc/${pid}/comm`, "utf8") === "sleep\n", {
    what: "the daemon",
  });
});

test("--env sets, what was meant for the starter alone is not passed", async (t) => {
  const room = daemonRoom(t);
  const words = [
    "--pidfile",
    room.pidfile,
    "--env",
    "ONE=1",
    "--env",
    "TWO=a=b",
    "--",
    "sleep",
    "60",
  ];
  const env = { ...process.env, ...markOf(room.directory), NOTIFY_SOCKET: "/nowhere", ONE: "0" };
  equal((await finish(room.begin(words, { env }))).code, 0);
  const seen = environmentOf(Number(readFileSync(room.pidfile, "utf8")));
  for (const entry of ["ONE=1", "TWO=a=b"]) ok(seen.includes(entry), entry);
  ok(!seen.some((entry) => entry.startsWith("NOTIFY_SOCKET=") || entry === "ONE=0"));
});

test(
  "--user and --group give up root's rights before the program runs",
  { skip: isRoot ? false : "only root can become another user" },
  async (t) => {
    const room = daemonRoom(t);
    const pid = await room.daemon(["sleep", "60"], "--user", "nobody", "--group", "daemon");
    const gid = spawnSync("getent", ["group", "daemon"], { encoding: "utf8" }).stdout.split(":")[2];
    equal(statusField(pid, "Uid"), [NOBODY, NOBODY, NOBODY, NOBODY].join("\t"));
    equal(statusField(pid, "Gid"), [gid, gid, gid, gid].join("\t"));
    equal(statusField(pid, "Groups"), gid);
    match(statusField(pid, "CapEff"), /^0+$/);
    // It could not have written it itself, and cannot forge it.
    equal(statSync(room.pidfile).uid, 0);
  },
);

test("the words of the command pass byte for byte", async (t) => {
  const room = daemonRoom(t);
  const words = ["daemonize", "--pidfile", room.pidfile, "--", "sh", "-c", "sleep 60; :"];
  const started = start(
    t,
    "sh",
    ["-c", `exec "$0" "$@" "$(printf 'a\\377b')"`, process.execPath, COMMAND, ...words],
    { env: { ...process.env, ...markOf(room.directory) } },
  );
  equal((await finish(started)).code, 0);
  const pid = readFileSync(room.pidfile, "utf8").trim();
  const line = readFileSync(`/proc/${pid}/cmdline`);
  ok(line.includes(Buffer.from([0x61, 0xff, 0x62])), line.toString("latin1"));
});

test("the limit of open files is the one before Node raised it", async (t) => {
  const room = daemonRoom(t);
  const words = ["daemonize", "--pidfile", room.pidfile, "--", "sleep", "60"];
  const started = start(
    t,
    "sh",
    ["-c", 'ulimit -Sn 333; "$0" "$@"; exit $?', process.execPath, COMMAND, ...words],
    { env: { ...process.env, ...markOf(room.directory) } },
  );
  equal((await finish(started)).code, 0);
  const limits = readFileSync(`/proc/${Number(readFileSync(room.pidfile, "utf8"))}/limits`, "utf8");
  match(limits, /^Max open files +333 /m);
});

for (const [how, program] of [
  ["notify", [fixture("notify-ready")]],
  ["fd:3", [fixture("notify-fd"), "3"]],
  ["fd:7", [fixture("notify-fd"), "7"]],
] as const) {
  test(`the starter returns once the daemon is ready (${how})`, async (t) => {
    const room = daemonRoom(t);
    const pid = await room.daemon(program, "--ready", how, "--stderr", "/dev/null");
    ok(isAlive(pid));
    await until(() => Object.keys(descriptorsOf(pid)).join(), {
      is: (numbers) => numbers === "0,1,2,3" || numbers === "0,1,2,4",
      what: "nothing open but 0 to 2 and the lock",
    });
  });
}

function markOf(directory: string): Readonly<Record<string, string>> {
  return { SUPERVISE_DAEMON_TEST: directory };
}
