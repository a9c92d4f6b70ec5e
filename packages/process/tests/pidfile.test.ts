import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  describePidfile,
  examinePidfile,
  openProc,
  readIdentity,
  removePidfile,
  writePidfile,
} from "@supervise/process";
import type { PidfileQuestion, PidfileVerdict } from "@supervise/process";
import { createKernel } from "@supervise/sys";
import { start, temporaryDirectory, until } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { zombieOf } from "./zombie.js";

const kernel = createKernel();
const proc = openProc(kernel);
const root = process.geteuid?.() === 0;
/** Larger than PID_MAX_LIMIT of every machine's kernel.pid_max, so that it is nobody's. */
const NOBODY = 4_194_304;

/** Writes the file with an age, in seconds, and examines it. */
function examine(
  t: TestScope,
  content: string | Uint8Array,
  ageS = 0,
  question: PidfileQuestion = {},
): PidfileVerdict {
  const path = join(temporaryDirectory(t), "x.pid");
  writeFileSync(path, content);
  const at = Date.now() / 1_000 - ageS;
  utimesSync(path, at, at);
  return examinePidfile(proc, path, question);
}

/** A process that lives, and has its command line: the kernel shows that a little later than Node returns from a spawn. */
async function sleeper(t: TestScope): Promise<number> {
  const { pid } = start(t, "sleep", ["60"]);
  await until(() => readFileSync(`/proc/${pid}/cmdline`, "latin1") === "sleep\x0060\0", {
    what: "its command line",
  });
  return pid;
}

test("a pidfile is written as one line that all may read, and removed while it is ours", (t) => {
  const path = join(temporaryDirectory(t), "x.pid");
  assert.equal(writePidfile(kernel, path, 4123), 0);
  assert.equal(readFileSync(path, "utf8"), "4123\n");
  assert.equal(statSync(path).mode & 0o777, 0o644);
  assert.equal(removePidfile(kernel, path, 4124), false);
  assert.ok(existsSync(path));
  assert.equal(removePidfile(kernel, path, 4123), true);
  assert.equal(existsSync(path), false);
  assert.equal(removePidfile(kernel, path, 4123), false);
});

test("a pidfile in a directory that is not there is an errno", () => {
  assert.equal(writePidfile(kernel, "/nonexistent/x.pid", 1), -2);
});

test("absent: there is no file", (t) => {
  const path = join(temporaryDirectory(t), "x.pid");
  const verdict = examinePidfile(proc, path);
  assert.deepEqual(verdict, { kind: "absent" });
  assert.equal(describePidfile(verdict, path), `pidfile "${path}" is not there`);
});

test("valid: the process lives and is the one that was expected", async (t) => {
  const pid = await sleeper(t);
  const identity = readIdentity(proc, pid);
  for (const content of [`${pid}\n`, `  ${pid} \r\n`, `${pid}\n/var/lib/db\n5432\n`])
    assert.deepEqual(examine(t, content, 0, { expectTree: (other) => other === pid }), {
      kind: "valid",
      pid,
      identity,
    });
});

test("valid: who was proved before stays so, though the clock was set back since", async (t) => {
  const pid = await sleeper(t);
  const record = readIdentity(proc, pid);
  assert.equal(examine(t, `${pid}\n`, 3_600, { record }).kind, "valid");
  assert.equal(examine(t, `${pid}\n`, 3_600).kind, "reused");
});

test("stale: there is no such process", (t) => {
  const verdict = examine(t, `${NOBODY}\n`, 5);
  assert.deepEqual(verdict, { kind: "stale", pid: NOBODY, why: "there is no such process" });
  assert.equal(
    describePidfile(verdict, "/run/x.pid"),
    `pidfile "/run/x.pid" is stale: it names ${NOBODY}, and there is no such process`,
  );
});

test("stale: the process is a zombie", async (t) => {
  const zombie = await zombieOf(t);
  const verdict = examine(t, `${zombie}\n`);
  assert.equal(verdict.kind, "stale");
  assert.match(describePidfile(verdict, "x"), /zombie/);
});

test("stale: the number is only a thread's", (t) => {
  const thread = proc.names("self/task")?.find((name) => Number(name) !== process.pid);
  assert.ok(thread);
  const verdict = examine(t, `${thread}\n`);
  assert.deepEqual(verdict, {
    kind: "stale",
    pid: Number(thread),
    why: `that is only a thread, of process ${process.pid}`,
  });
});

test("reused: the process started after the file was written", async (t) => {
  const pid = await sleeper(t);
  const verdict = examine(t, `${pid}\n`, 60, { expectTree: () => true });
  assert.equal(verdict.kind, "reused");
  assert.match(
    describePidfile(verdict, "/run/x.pid"),
    /^pidfile "\/run\/x\.pid" is reused: its number \d+ was given out again, and is "sleep 60" now, which started (59|60|61) s after the file was written$/,
  );
});

test("reused: the record has another start time, or is of another boot", async (t) => {
  const pid = await sleeper(t);
  const record = readIdentity(proc, pid);
  assert.ok(record);
  for (const other of [
    { ...record, startTicks: record.startTicks - 1 },
    { ...record, bootId: "another" },
  ]) {
    const verdict = examine(t, `${pid}\n`, 0, { record: other });
    assert.equal(verdict.kind, "reused");
  }
  // A record of another process, or of another namespace, says nothing of this one.
  assert.equal(
    examine(t, `${pid}\n`, 0, { record: { ...record, pid: pid + 1, startTicks: 0 } }).kind,
    "valid",
  );
  assert.equal(
    examine(t, `${pid}\n`, 0, { record: { ...record, pidNamespace: "pid:[1]", startTicks: 0 } })
      .kind,
    "valid",
  );
});

test("reused: another program runs under the number", async (t) => {
  const pid = await sleeper(t);
  const verdict = examine(t, `${pid}\n`, 0, { executable: "/usr/sbin/nginx" });
  assert.equal(verdict.kind, "reused");
  assert.match(describePidfile(verdict, "x"), /runs ".*", not "\/usr\/sbin\/nginx"$/);
  assert.equal(
    examine(t, `${pid}\n`, 0, { executable: proc.link(`${pid}/exe`) ?? "" }).kind,
    "valid",
  );
});

test("foreign: the process lives and is not of our tree", async (t) => {
  const pid = await sleeper(t);
  const verdict = examine(t, `${pid}\n`, 0, { expectTree: () => false });
  assert.deepEqual(verdict, {
    kind: "foreign",
    pid,
    evidence: 'is "sleep 60", which is not of this service',
  });
});

test("foreign: a process that is hidden from us is not ours", (t) => {
  const verdict = examine(t, `${NOBODY}\n`, 0, { exists: () => true });
  assert.equal(verdict.kind, "foreign");
});

test("foreign: what is no file is not opened, a link not followed", (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, "x.pid");
  const real = join(directory, "real");
  writeFileSync(real, `${process.pid}\n`);
  const kinds: readonly (readonly [string, () => void])[] = [
    ["a symbolic link", () => symlinkSync(real, path)],
    ["a directory", () => mkdirSync(path)],
    ["a FIFO", () => void execFileSync("mkfifo", [path])],
  ];
  for (const [what, make] of kinds) {
    execFileSync("rm", ["-rf", path]);
    make();
    const verdict = examinePidfile(proc, path);
    assert.deepEqual(verdict, { kind: "foreign", pid: null, evidence: `is ${what}, not a file` });
    assert.equal(
      describePidfile(verdict, path),
      `pidfile "${path}" is not trusted: it is ${what}, not a file`,
    );
  }
  assert.deepEqual(examinePidfile(proc, "/dev/null"), {
    kind: "foreign",
    pid: null,
    evidence: "is a device, not a file",
  });
});

test(
  "foreign: a stranger's file where anybody may write is not believed",
  { skip: root ? false : "only root can give files away" },
  (t) => {
    const directory = temporaryDirectory(t);
    const path = join(directory, "x.pid");
    writeFileSync(path, `${process.ppid}\n`);
    chownSync(path, 12345, 12345);
    chmodSync(directory, 0o1777);
    const verdict = examinePidfile(proc, path);
    assert.deepEqual(verdict, {
      kind: "foreign",
      pid: null,
      evidence: "belongs to user 12345 and lies in a directory that anybody may write to",
    });
    assert.notEqual(examinePidfile(proc, path, { owners: [12345] }).kind, "foreign");
    chmodSync(directory, 0o755);
    assert.notEqual(examinePidfile(proc, path).kind, "foreign");
  },
);

test("foreign: a second name where anybody may write is not believed, for anybody may have given it", (t) => {
  const directory = temporaryDirectory(t);
  const [real, path] = [join(directory, "real"), join(directory, "open/x.pid")];
  mkdirSync(join(directory, "open"));
  chmodSync(join(directory, "open"), 0o1777);
  writeFileSync(real, `${process.pid}\n`);
  linkSync(real, path);
  assert.deepEqual(examinePidfile(proc, path), {
    kind: "foreign",
    pid: null,
    evidence: "has other names and lies in a directory that anybody may write to",
  });
  assert.equal(examinePidfile(proc, real).kind, "valid");
});

test("malformed: what is no number, what no process can have, and what is cut off for good", (t) => {
  const cases: readonly (readonly [string | Uint8Array, string])[] = [
    ["", ""],
    ["abc\n", "abc\\n"],
    ["-5\n", "-5\\n"],
    ["0\n", "0\\n"],
    ["4194305\n", "4194305\\n"],
    ["99999999999999999999\n", "99999999999999999999\\n"],
    ["12 34\n", "12 34\\n"],
    ["1e3\n", "1e3\\n"],
    ["\n123\n", "\\n123\\n"],
    [Uint8Array.of(0x1b, 0x5b, 0x00, 0xff), "\\x1b[\\x00\ufffd"],
    ["x".repeat(100), `${"x".repeat(37)}...`],
  ];
  for (const [content, found] of cases) {
    const verdict = examine(t, content, 60);
    assert.deepEqual(verdict, { kind: "malformed", found });
  }
  assert.equal(
    describePidfile({ kind: "malformed", found: "abc" }, "/run/x.pid"),
    'pidfile "/run/x.pid" is malformed: a number was expected, found "abc"',
  );
});

test("racing: a file that is new and unfinished may still be written", (t) => {
  assert.deepEqual(examine(t, ""), { kind: "racing" });
  assert.deepEqual(examine(t, "12"), { kind: "racing" });
  // Left so: many a daemon writes no newline.
  assert.equal(examine(t, String(NOBODY), 5).kind, "stale");
  assert.equal(examine(t, `${NOBODY}\n`).kind, "stale");
});
