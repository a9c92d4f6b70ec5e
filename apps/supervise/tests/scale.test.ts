import { deepEqual, equal, match } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gone, identity, kill, project, type Project } from "./harness.js";

const STAY = { command: ["sleep", "60"] };
const WEB = { ...STAY, scale: 2 };

async function names(it: Project): Promise<readonly string[]> {
  return (await it.client.services([])).map(({ name }) => name);
}

test("an asked number of replicas holds over reloads, until the file has another than it had", async (t) => {
  const it = project(t, { web: WEB, after: { ...STAY, depends_on: ["web"] } });
  const { events } = await it.up();
  await events.state("after", "up");
  const before = identity(await it.pid("web-1"));
  const scaled = await it.run("scale", "web=3");
  equal(scaled.code, 0, scaled.stderr);
  match(scaled.stdout, /web-3: new\nafter: reload \(depends_on\)\ngeneration 2 applied/);
  await events.state("web-3", "up");
  equal(identity(await it.pid("web-1")), before);
  deepEqual((await it.client.project()).scales, { web: { scale: 3, instead: 2 } });

  it.write({ web: WEB, after: STAY });
  equal((await it.run("reload")).code, 0);
  deepEqual(await names(it), ["web-1", "web-2", "web-3", "after"]);

  it.write({ web: { ...STAY, scale: 4 }, after: STAY });
  match((await it.run("reload")).stdout, /web-4: new/);
  deepEqual(await names(it), ["web-1", "web-2", "web-3", "web-4", "after"]);
  equal((await it.client.project()).scales, undefined);
});

test("the file's own number takes the asked one back", async (t) => {
  const it = project(t, { web: WEB });
  const { events } = await it.up();
  await events.state("web-2", "up");
  equal((await it.run("scale", "web=4")).code, 0);
  equal((await it.run("scale", "web=2")).code, 0);
  equal((await it.client.project()).scales, undefined);
  it.write({ web: { ...STAY, scale: 3 } });
  match((await it.run("reload")).stdout, /web-3: new/);
});

test("nothing is scaled where the file has changed, has mistakes, or knows no such service", async (t) => {
  const it = project(t, { web: WEB });
  const { events } = await it.up();
  await events.state("web-2", "up");
  const unknown = await it.run("scale", "wbe=3");
  equal(unknown.code, 1);
  match(unknown.stderr, /cannot scale service "wbe": no service is called "wbe"/);
  equal((await it.run("scale", "web=x")).code, 64);
  it.write({ web: { ...WEB, command: ["sleep", "61"] } });
  const changed = await it.run("scale", "web=3");
  equal(changed.code, 1);
  match(changed.stderr, /changed since generation 1\n {2}hint: apply it with supervise reload/);
  it.write({ web: { ...WEB, comand: "x" } });
  const bad = await it.run("scale", "web=3");
  equal(bad.code, 78);
  match(bad.stderr, /unknown key "comand"/);
  deepEqual(await names(it), ["web-1", "web-2"]);
});

test("a preview tells what a reload of other texts would do, and their mistakes, and changes nothing", async (t) => {
  const it = project(t, { web: WEB });
  const { events } = await it.up();
  await events.state("web-2", "up");
  const [file = ""] = (await it.client.project()).configurationFiles;
  const text = readFileSync(file, "utf8");
  const told = await it.client.preview({ [file]: text.replace("60", "61") });
  deepEqual(
    told.changes.map(({ name, kind, fields }) => [name, kind, fields]),
    [
      ["web-1", "restart", ["command"]],
      ["web-2", "restart", ["command"]],
    ],
  );
  const bad = await it.client.preview({ [file]: text.replace("command", "comand") });
  match(bad.diagnostics[0]?.message ?? "", /unknown key "comand"/);
  match(String(bad.diagnostics[0]?.file), /supervise\.yaml$/);
  equal(bad.diagnostics[0]?.line, text.split("command")[0]?.split("\n").length);
  deepEqual([(await it.client.project()).generation, await names(it)], [1, ["web-1", "web-2"]]);
});

test("a supervisor after one that was killed takes over the replicas that were asked for; after an orderly end the file counts", async (t) => {
  const it = project(t, { web: WEB });
  const first = await it.detach();
  equal((await it.run("scale", "web=3")).code, 0);
  equal((await it.run("start", "web-3")).code, 0);
  const third = identity(await it.pid("web-3"));
  kill(first, "SIGKILL");
  await gone(first);
  const second = await it.detach();
  equal(identity(await it.pid("web-3")), third);
  deepEqual((await it.client.project()).scales, { web: { scale: 3, instead: 2 } });
  equal((await it.run("down")).code, 0);
  await gone(second);
  const last = await it.detach();
  deepEqual(await names(it), ["web-1", "web-2"]);
  equal((await it.run("down")).code, 0);
  await gone(last);
});
