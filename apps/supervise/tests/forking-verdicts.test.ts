import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { EventEntry } from "@supervise/model";
import { isAlive, spawnFixture, start, until } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { identity, kill, project, type Events, type Project } from "./harness.js";

const isRoot = process.getuid?.() === 0;
const FORKING = { type: "forking", pidfile: "it.pid", stop_grace_period: "2s" };
/** A daemon that notes its number in `number`, where the test finds it, and nothing in its pidfile. */
const SILENT = ["sh", "-c", "setsid sleep 60 & echo $! > number"];
/** The same, with a pidfile. */
const DAEMON = ["sh", "-c", "setsid sleep 60 & echo $! > it.pid"];

interface Seeking {
  readonly it: Project;
  readonly events: Events;
  readonly pid: number;
  readonly pidfile: string;
}

/** A forking service whose daemon runs, and whose pidfile is the test's to write. */
async function seeking(t: TestScope, fields: object = {}): Promise<Seeking> {
  const it = project(t, { daemon: { ...FORKING, command: SILENT, ...fields } });
  // A user of its own has to write there.
  if ("user" in fields) chmodSync(it.directory, 0o777);
  const { events } = await it.up();
  const number = join(it.directory, "number");
  const text = await until(() => existsSync(number) && readFileSync(number, "utf8"), {
    is: (found) => /\n/.test(String(found)),
    what: "the daemon's number",
  });
  return { it, events, pid: Number(text), pidfile: join(it.directory, "it.pid") };
}

function says(events: Events, what: RegExp, after = 0): Promise<EventEntry> {
  return events.find(
    `a word on the pidfile: ${what}`,
    ({ kind, message }) => kind === "pidfile" && what.test(message),
    after,
  );
}

/** Asked at once: a file is one that is still being written for two seconds only, in which the command may not have begun. */
async function why(it: Project): Promise<string> {
  return (await it.client.why("daemon")).join("\n");
}

test("an empty pidfile is still being written, and believed once it is whole", async (t) => {
  const { it, events, pid, pidfile } = await seeking(t);
  writeFileSync(pidfile, "");
  await says(events, /it\.pid" is still being written/);
  match(await why(it), /is still being written/);
  appendFileSync(pidfile, `${pid}\n`);
  await events.state("daemon", "up");
  await says(events, new RegExp(`is valid: it names process ${pid}`));
  equal(await it.pid("daemon"), pid);
});

test("half a number is no number: whose it happens to be is not asked", async (t) => {
  const { it, events, pid, pidfile } = await seeking(t);
  const [half, rest] = [String(pid).slice(0, -1), String(pid).slice(-1)];
  writeFileSync(pidfile, half);
  await says(events, /is still being written/);
  appendFileSync(pidfile, `${rest}\n`);
  await events.state("daemon", "up");
  equal(await it.pid("daemon"), pid);
  deepEqual(
    events.all.filter(({ kind }) => kind === "pidfile").map((entry) => entry.pid),
    [null, pid],
  );
});

test("a number without a newline is believed when nobody has added to it", async (t) => {
  const { it, events, pid, pidfile } = await seeking(t);
  writeFileSync(pidfile, String(pid));
  await events.state("daemon", "up");
  equal(await it.pid("daemon"), pid);
});

test("junk, a dead process and a stranger are each told, and the right number ends the search", async (t) => {
  const stranger = await spawnFixture(t, "report-signals");
  const dead = start(t, "true");
  await dead.exit();
  const { it, events, pid, pidfile } = await seeking(t);
  writeFileSync(pidfile, "nonsense\n");
  await says(events, /is malformed: a number was expected, found "nonsense/);
  match(await why(it), /is malformed/);
  writeFileSync(pidfile, `${dead.pid}\n`);
  await says(events, new RegExp(`is stale: it names ${dead.pid}, and there is no such process`));
  match(await why(it), /is stale/);
  writeFileSync(pidfile, `${stranger.pid}\n`);
  await says(events, new RegExp(`is foreign: it names ${stranger.pid}`));
  match(await why(it), /is foreign/);
  const { state, pid: none } = await it.client.service("daemon");
  equal(`${state} ${none}`, "starting null");
  writeFileSync(`${pidfile}.new`, `${pid}\n`);
  renameSync(`${pidfile}.new`, pidfile);
  await events.state("daemon", "up");
  equal(await it.pid("daemon"), pid);
  // The next signal that the stranger sees is ours: there was none before.
  equal((await it.run("stop", "daemon")).code, 0);
  kill(stranger.pid, "SIGUSR1");
  equal((await stranger.stdout.match(/^signal/)).input, `signal 10 from ${process.pid}`);
});

test("a directory that is made after the start is noticed", async (t) => {
  const { it, events, pid } = await seeking(t, { pidfile: "a/b/it.pid" });
  await says(events, /a\/b\/it\.pid" is not there, nor is its directory/);
  mkdirSync(join(it.directory, "a/b"), { recursive: true });
  writeFileSync(join(it.directory, "a/b/it.pid"), `${pid}\n`);
  await events.state("daemon", "up");
  equal(await it.pid("daemon"), pid);
});

test("what is no file is never believed, and why says so", async (t) => {
  const { it, events, pid, pidfile } = await seeking(t);
  const real = join(it.directory, "real");
  writeFileSync(real, `${pid}\n`);
  symlinkSync(real, pidfile);
  await says(events, /is not trusted: it is a symbolic link, not a file/);
  match(await why(it), /is a symbolic link/);
  rmSync(pidfile);
  mkdirSync(pidfile);
  await says(events, /is not trusted: it is a directory, not a file/);
  equal((await it.client.service("daemon")).state, "starting");
  equal((await it.run("stop", "daemon")).code, 0);
  ok(!isAlive(pid));
});

test("a device is no pidfile", async (t) => {
  const { it, events } = await seeking(t, { pidfile: "/dev/null" });
  await says(events, /"\/dev\/null" is not trusted: it is a device, not a file/);
  match(await why(it), /is a device/);
  equal((await it.client.service("daemon")).state, "starting");
});

test(
  "another user's file where anybody may write is not believed, that of the service's user is",
  { skip: isRoot ? false : "only root can give files away" },
  async (t) => {
    const { it, events, pid } = await seeking(t, {
      pidfile: "open/it.pid",
      user: "65534",
    });
    const open = join(it.directory, "open");
    const path = join(open, "it.pid");
    mkdirSync(open);
    chmodSync(open, 0o1777);
    writeFileSync(`${path}.new`, `${pid}\n`);
    chownSync(`${path}.new`, 12345, 12345);
    renameSync(`${path}.new`, path);
    await says(events, /belongs to user 12345 and lies in a directory that anybody may write to/);
    match(await why(it), /belongs to user 12345/);
    equal((await it.client.service("daemon")).state, "starting");
    chownSync(path, 65534, 65534);
    await events.state("daemon", "up");
    equal(await it.pid("daemon"), pid);
  },
);

test("what becomes of the pidfile of a daemon that runs is told, and its main process stays", async (t) => {
  const stranger = await spawnFixture(t, "report-signals");
  const it = project(t, { daemon: { ...FORKING, command: DAEMON } });
  const { events } = await it.up();
  await events.state("daemon", "up");
  const pid = await it.pid("daemon");
  const pidfile = join(it.directory, "it.pid");
  const steps: readonly (readonly [() => void, RegExp])[] = [
    [() => writeFileSync(pidfile, `${stranger.pid}\n`), /is foreign: it names \d+/],
    [() => writeFileSync(pidfile, "none\n"), /is malformed/],
    [() => writeFileSync(pidfile, "4194304\n"), /is stale/],
    [() => writeFileSync(pidfile, ""), /is still being written/],
    [() => writeFileSync(pidfile, `${pid}\n`), new RegExp(`names the main process ${pid} again`)],
    [() => renameSync(pidfile, `${pidfile}.oldbin`), /was renamed to "it\.pid\.oldbin"/],
    [() => renameSync(`${pidfile}.oldbin`, pidfile), /names the main process \d+ again/],
    [() => rmSync(pidfile), /is not there any more; the main process is still \d+/],
  ];
  let after = 0;
  for (const [change, expected] of steps) {
    change();
    ({ seq: after } = await says(events, expected, after));
    equal(await it.pid("daemon"), pid);
    if (!/ again/.test(expected.source)) match(await why(it), expected);
  }
  equal((await it.run("stop", "daemon")).code, 0);
  ok(!isAlive(pid));
  kill(stranger.pid, "SIGUSR1");
  equal((await stranger.stdout.match(/^signal/)).input, `signal 10 from ${process.pid}`);
});

test("a left pidfile that is no number stays, and is not believed", async (t) => {
  const it = project(t, { daemon: { ...FORKING, command: SILENT } });
  const pidfile = join(it.directory, "it.pid");
  writeFileSync(pidfile, "keep this\n");
  const { events } = await it.up();
  await says(events, /is malformed.*left as it is, and not believed/);
  equal(readFileSync(pidfile, "utf8"), "keep this\n");
});

test("a left pidfile of somebody who lives is not touched, nor is he", async (t) => {
  const stranger = start(t, "sleep", ["60"]);
  const before = identity(stranger.pid);
  const it = project(t, { daemon: { ...FORKING, command: DAEMON } });
  const pidfile = join(it.directory, "it.pid");
  writeFileSync(pidfile, `${stranger.pid}\n`);
  const { events } = await it.up();
  await says(events, /is foreign.*left as it is, and not believed/);
  await events.state("daemon", "up");
  equal((await it.run("stop", "daemon")).code, 0);
  equal(identity(stranger.pid), before);
});
