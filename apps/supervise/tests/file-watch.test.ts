import { deepEqual, equal, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, renameSync, rmSync, watch as watchFile, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory, until } from "@supervise/testkit";
import { ChangeGathering, type FileChange } from "#supervise/up/file-watch/changes.js";
import { afterQuiet } from "#supervise/up/file-watch/quiet-timer.js";
import { project, type Project, type Supervisor } from "./harness.js";

const WEB = {
  command: ["sh", "-c", "trap 'echo reloaded' HUP; echo ready; while :; do sleep 0.1; done"],
  ready: { log: "^ready$" },
  reload_signal: "SIGHUP",
};

/** Up, and its files are watched. */
async function watching(it: Project): Promise<Supervisor> {
  const supervisor = await it.up();
  await supervisor.events.find("the watch", ({ message }) => message === "Files are watched");
  await supervisor.events.state("web", "up");
  return supervisor;
}

test("a change below the path restarts the service once, and the restart names the file; what is ignored does nothing", async (t) => {
  const watch = [{ path: "src", ignore: ["*.log"] }];
  const it = project(t, { web: { ...WEB, develop: { watch } } });
  const source = join(it.directory, "src");
  mkdirSync(join(source, "node_modules"), { recursive: true });
  mkdirSync(join(source, "deep"));
  const supervisor = await watching(it);
  const before = await it.pid("web");
  writeFileSync(join(source, "some.log"), "x");
  writeFileSync(join(source, "node_modules", "a.js"), "x");
  for (const name of ["a", "b", "c"]) writeFileSync(join(source, "deep", `${name}.js`), "x");
  await until(() => it.pid("web"), { is: (pid) => pid > 0 && pid !== before, what: "a new run" });
  await supervisor.stdout.match(/web: restart because "src\/deep\/[abc]\.js" has changed/);
  const why = supervisor.stdout.all.filter((line) => /has changed/.test(line));
  equal(why.length, 1, "three files that change together are one change");
  // As editors save: another file takes the name.
  const second = await it.pid("web");
  await supervisor.events.find("the second run", ({ state, run }) => state === "up" && run === 2);
  writeFileSync(join(it.directory, "new"), "y");
  renameSync(join(it.directory, "new"), join(source, "deep", "a.js"));
  await until(() => it.pid("web"), { is: (pid) => pid > 0 && pid !== second, what: "a third run" });
  equal((await it.run("down")).code, 0);
});

test("a path that comes later and a directory that is made anew are watched; log files, the pidfile and files of editors do nothing", async (t) => {
  // Each has a service of its own: one change more than one has looked for is none of another.
  const it = project(t, {
    web: {
      ...WEB,
      logging: { driver: "file", options: { path: "web.log" } },
      develop: { watch: [{ path: ".", ignore: ["*.json", "dist", "later"] }] },
    },
    dist: { ...WEB, develop: { watch: [{ path: "dist" }] } },
    later: { ...WEB, develop: { watch: [{ path: "later/on" }] } },
    daemon: {
      type: "forking",
      command: ["sh", "-c", "sleep 60 & echo $! > daemon.pid"],
      pidfile: "daemon.pid",
    },
  });
  const [dist, later] = [join(it.directory, "dist"), join(it.directory, "later", "on")];
  mkdirSync(dist);
  const supervisor = await watching(it);
  for (const name of ["dist", "later"]) await supervisor.events.state(name, "up");
  const changed = (name: string): readonly string[] =>
    supervisor.stdout.all.flatMap(
      (line) => new RegExp(`${name}: restart because "(.*)" has changed`).exec(line)?.[1] ?? [],
    );
  const restarts = async (name: string, change: () => void): Promise<void> => {
    const before = await until(() => it.pid(name), { what: name });
    const count = changed(name).length;
    change();
    await until(() => changed(name).length > count, { what: `a restart of ${name}` });
    await until(() => it.pid(name), {
      is: (pid) => pid > 0 && pid !== before,
      what: `a new run of ${name}`,
    });
  };
  equal((await it.run("restart", "daemon")).code, 0);
  for (const name of ["web.log.20260102T030405.123456Z", ".a.js.swp", "a.js~", "4913"])
    writeFileSync(join(it.directory, name), "x");
  await restarts("later", () => mkdirSync(later, { recursive: true }));
  await restarts("later", () => writeFileSync(join(later, "a"), "x"));
  await restarts("dist", () => {
    rmSync(dist, { recursive: true });
    mkdirSync(dist);
  });
  await restarts("dist", () => writeFileSync(join(dist, "a"), "x"));
  await restarts("web", () => writeFileSync(join(it.directory, "a.js"), "x"));
  for (const [name, path] of [
    ["later", "later/on"],
    ["dist", "dist"],
    ["web", "a.js"],
  ] as const)
    deepEqual(
      changed(name).filter((one) => !one.startsWith(path)),
      [],
    );
  equal((await it.run("down")).code, 0);
});

test("action reload makes the service read anew and keeps its process", async (t) => {
  const it = project(t, {
    web: { ...WEB, develop: { watch: [{ path: "conf", action: "reload" }] } },
  });
  const file = join(it.directory, "conf");
  writeFileSync(file, "1");
  const supervisor = await watching(it);
  const before = await it.pid("web");
  writeFileSync(file, "2");
  await supervisor.stdout.match(/web +\| reloaded/);
  equal(await it.pid("web"), before);
  equal((await it.run("down")).code, 0);
});

test("who was told to stop stays down; a reload of the configuration changes what is watched", async (t) => {
  const it = project(t, { web: { ...WEB, develop: { watch: [{ path: "one" }] } } });
  for (const name of ["one", "two"]) writeFileSync(join(it.directory, name), "1");
  const supervisor = await watching(it);
  it.write({ web: { ...WEB, develop: { watch: [{ path: "two" }] } } });
  const last = supervisor.events.all.at(-1)?.seq;
  equal((await it.run("reload")).code, 0);
  await supervisor.events.find(
    "the new watch",
    ({ message }) => message === "Files are watched",
    last,
  );
  const before = await it.pid("web");
  writeFileSync(join(it.directory, "one"), "2");
  writeFileSync(join(it.directory, "two"), "2");
  await supervisor.stdout.match(/because "two" has changed/);
  await until(() => it.pid("web"), { is: (pid) => pid > 0 && pid !== before, what: "a new run" });
  ok(!supervisor.stdout.all.some((line) => /"one" has changed/.test(line)));
  equal((await it.run("stop", "web")).code, 0);
  rmSync(join(it.directory, "two"));
  equal((await it.run("down")).code, 0);
  equal(supervisor.stdout.all.filter((line) => /has changed/.test(line)).length, 1);
});

test("changes are gathered until nothing more comes, and a restart goes before a reload", () => {
  const told: (readonly FileChange[])[] = [];
  let planned: (() => void) | null = null;
  let cancelled = 0;
  const gathering = new ChangeGathering(
    (changes) => told.push(changes),
    (_delayMs, run) => {
      planned = run;
      return () => (cancelled += 1);
    },
  );
  gathering.add({ service: "a", action: "reload", path: "1" });
  gathering.add({ service: "b", action: "reload", path: "2" });
  gathering.add({ service: "a", action: "restart", path: "3" });
  gathering.add({ service: "a", action: "reload", path: "4" });
  equal(cancelled, 3, "each begins the wait anew");
  (planned as (() => void) | null)?.();
  deepEqual(told, [
    [
      { service: "a", action: "restart", path: "1" },
      { service: "b", action: "reload", path: "2" },
    ],
  ]);
});

test("a process that could not run for a while hears what came meanwhile before it takes it for quiet", async (t) => {
  const file = join(temporaryDirectory(t), "file");
  writeFileSync(file, "");
  const watcher = watchFile(file);
  const ran: string[] = [];
  const undo = afterQuiet(1, () => ran.push("the old one"));
  watcher.once("change", undo);
  // The timer is due and the change is there when Node comes back to its loop.
  equal(spawnSync("sh", ["-c", "sleep 0.05; echo > $0", file]).status, 0);
  await once(watcher, "change");
  await new Promise<void>((resolve) => {
    afterQuiet(1, resolve);
  });
  watcher.close();
  deepEqual(ran, []);
});
