import { deepEqual, equal, match, ok } from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { isAlive, start, until } from "@supervise/testkit";
import {
  exampleProject,
  freePorts,
  httpGet,
  listeningPorts,
  PATIENCE_MS,
  untilServices,
} from "./example-project.js";
import { COMMAND, environmentOf } from "./harness.js";

const TYPES = ["web", "worker", "clock"];

test(
  "the Procfile application runs by `supervise up` in its directory",
  { timeout: 120_000 },
  async (t) => {
    const port = await freePorts(300);
    const it = exampleProject(t, "procfile", () => ({
      PORT: port,
      WEB_URL: `http://127.0.0.1:${port}`,
      WORKER_NAME: '"a name of \\"three\\" words"',
    }));
    // A supervise.yaml would be taken before the Procfile.
    rmSync(it.file);
    const supervisor = start(
      t,
      process.execPath,
      [COMMAND, "up", "--runtime-dir", it.runtimeDirectory],
      { cwd: it.directory, env: it.environment },
    );
    await untilServices(it, TYPES, "the process types to be up", ({ state }) => state === "up");

    await t.test(
      "each process type has a port of its own, a hundred apart in the order of the Procfile",
      async () => {
        const ports = await Promise.all(
          TYPES.map(async (name) =>
            environmentOf(await it.pid(name)).filter((entry) => entry.startsWith("PORT=")),
          ),
        );
        deepEqual(ports, [[`PORT=${port}`], [`PORT=${port + 100}`], [`PORT=${port + 200}`]]);
      },
    );

    await t.test("web answers on its port, and on no other", async () => {
      const line = `web       | listening on http://127.0.0.1:${port}/`;
      await until(() => supervisor.stdout.all.includes(line), {
        what: line,
        deadlineMs: PATIENCE_MS,
      });
      equal(await httpGet(`http://127.0.0.1:${port}/?name=tester`), "hello tester, visit 1\n");
      equal(await httpGet(`http://127.0.0.1:${port}/?name=tester`), "hello tester, visit 2\n");
      deepEqual(listeningPorts([port, port + 100, port + 200]), [port]);
    });

    await t.test(
      ".env is applied to the processes, and the shell expands what the command names",
      async () => {
        const line = await supervisor.stdout.match(/^worker +\| hello (.*), visit \d+$/, {
          deadlineMs: PATIENCE_MS,
        });
        equal(line[1], 'a name of "three" words');
        for (const name of TYPES)
          ok(environmentOf(await it.pid(name)).includes(`WEB_URL=http://127.0.0.1:${port}`), name);
      },
    );

    await t.test("SIGTERM ends all of it with 0; every line named its process type", async () => {
      const pids = (await it.client.processes([])).map(({ pid }) => pid);
      ok(pids.length >= TYPES.length);
      process.kill(supervisor.pid, "SIGTERM");
      const lines = await supervisor.stdout.rest({ deadlineMs: PATIENCE_MS });
      deepEqual(await supervisor.exit(), { code: 0, signal: null });
      ok(lines.includes("clock     | tick"));
      for (const line of lines) match(line, /^(web {7}|worker {4}|clock {5}|supervise )\| /);
      for (const name of TYPES) ok(lines.includes(`supervise | ${name} is down`), lines.join("\n"));
      deepEqual(await supervisor.stderr.rest(), []);
      deepEqual(
        pids.filter((pid) => isAlive(pid)),
        [],
      );
      deepEqual(it.processes(), []);
      deepEqual(listeningPorts([port]), []);
    });
  },
);
