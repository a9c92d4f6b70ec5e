import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { until } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import {
  freePorts,
  httpGet,
  PATIENCE_MS,
  runPatiently,
  serves,
  untilServices,
} from "./example-project.js";
import { COMMAND, gone, kill, project, type Project } from "./harness.js";

const root = dirname(dirname(dirname(dirname(COMMAND))));
const examples = join(root, "examples/daemond");

interface Example {
  readonly it: Project;
  readonly url: string;
  /** The rows of the daemon's own log, without their stamps. */
  rows(): readonly string[];
}

/** One of the examples, in a directory of its own and at a port of its own. */
async function example(t: TestScope, yaml: string, conf: string, port: string): Promise<Example> {
  const it = project(t);
  const own = await freePorts(1);
  const copy = (name: string, to: string): void =>
    writeFileSync(
      to,
      readFileSync(join(examples, name), "utf8")
        .replaceAll("../../apps", join(root, "apps"))
        .replaceAll("/tmp/supervise-daemond", it.directory)
        .replaceAll(port, String(own)),
    );
  copy(yaml, it.file);
  copy(conf, join(it.directory, conf));
  const log = join(it.directory, conf.replace(".conf", ".log"));
  return {
    it,
    url: `http://127.0.0.1:${own}/status`,
    rows: () =>
      (existsSync(log) ? readFileSync(log, "utf8") : "")
        .split("\n")
        .map((line) => line.replace(/^\S+ daemond\[\d+\]: /, "")),
  };
}

async function up({ it }: Example): Promise<ReturnType<Project["up"]>> {
  const supervisor = await it.up();
  await untilServices(it, ["daemond"], "the daemon to serve", serves);
  return supervisor;
}

async function pidBehind(url: string): Promise<number> {
  return (JSON.parse(await httpGet(url)) as { pid: number }).pid;
}

function links(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`)
    .map(Number)
    .toSorted((one, other) => one - other)
    .slice(0, 4)
    .map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
}

test("in the foreground the daemon says itself that it is ready, and what it does", async (t) => {
  const one = await example(t, "supervise.yaml", "foreground.conf", "8402");
  const { it, url } = one;
  const supervisor = await up(one);
  const pid = await it.pid("daemond");
  equal(await pidBehind(url), pid);
  await until(async () => (await it.client.service("daemond")).statusText, {
    is: (said) => /^listening on 127\.0\.0\.1:\d+$/.test(said ?? ""),
    what: "the daemon's own words",
  });
  deepEqual(links(pid)[0], "/dev/null");
  equal((await runPatiently(it, "reload", "daemond")).code, 0);
  await supervisor.stdout.match(/^daemond +\| \S+ daemond\[\d+\]: reloaded /, {
    deadlineMs: PATIENCE_MS,
  });
  equal((await runPatiently(it, "stop", "daemond")).code, 0);
  await supervisor.stdout.match(/^daemond +\| \S+ daemond\[\d+\]: shut down in /, {
    deadlineMs: PATIENCE_MS,
  });
  match((await it.client.service("daemond")).lastExit?.text ?? "", /exited with code 0$/);
  ok(!existsSync(join(it.directory, "foreground.pid")));
});

test("as a forking service it is known by its pidfile, and comes back", async (t) => {
  const one = await example(t, "forking.yaml", "forking.conf", "8403");
  const { it, url, rows } = one;
  await up(one);
  const pidfile = join(it.directory, "forking.pid");
  const first = Number(readFileSync(pidfile, "utf8"));
  equal(await it.pid("daemond"), first);
  equal(await pidBehind(url), first);
  deepEqual(links(first), [
    "/dev/null",
    "/dev/null",
    "/dev/null",
    join(it.directory, "forking.log"),
  ]);
  equal((await runPatiently(it, "reload", "daemond")).code, 0);
  await until(() => rows().some((row) => row.startsWith("reloaded ")), {
    what: "the reload",
    deadlineMs: PATIENCE_MS,
  });
  kill(first, "SIGKILL");
  const second = await until(() => pidBehind(url), {
    is: (pid) => pid !== first,
    what: "the next generation",
    deadlineMs: PATIENCE_MS,
  });
  await untilServices(it, ["daemond"], "the daemon to serve again", serves);
  equal(await it.pid("daemond"), second);
  equal((await runPatiently(it, "stop", "daemond")).code, 0);
  await gone(second);
  ok(!existsSync(pidfile));
});

test("with an inherited socket nobody is refused while it restarts", async (t) => {
  const one = await example(t, "sockets.yaml", "sockets.conf", "8404");
  const { it, url, rows } = one;
  await up(one);
  const first = await pidBehind(url);
  match(await httpGet(url), /"inherited": true/);
  equal(links(first)[3], join(it.directory, "sockets.log"));
  equal((await runPatiently(it, "stop", "daemond")).code, 0);
  await gone(first);
  const waiting = pidBehind(url);
  equal((await runPatiently(it, "start", "daemond")).code, 0);
  const second = await waiting;
  notEqual(second, first);
  kill(second, "SIGKILL");
  notEqual(await pidBehind(url), second);
  ok(rows().some((row) => /^listening on .* passed by the manager as "http"/.test(row)));
});
