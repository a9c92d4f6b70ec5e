import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { EventEntry } from "@supervise/model";
import { atEnd, isAlive, start, until, usersOf } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import {
  askLine,
  exampleProject,
  freePorts,
  httpGet,
  identities,
  listeningPorts,
  PATIENCE_MS,
  processesNaming,
  runPatiently,
  serves,
  statuses,
  untilServices,
} from "./example-project.js";
import { finish, gone, kill, type Project } from "./harness.js";

/** In the order in which they are killed: each but the last has others that need it. */
const SERVICES = ["postgres", "redis", "memcached", "app", "nginx"] as const;
const ONESHOTS = ["directories", "initdb", "schema"] as const;

const postgresBin = newestPostgres();

test(
  "the stack of real daemons starts, heals, reloads and ends",
  { skip: whySkipped(), timeout: 600_000 },
  async (t) => {
    const postmasters = new Set<number>();
    // Undone last: a PostgreSQL that was killed leaves it, as it would where this test fails.
    atEnd(t, () => {
      for (const segment of segmentsOf(postmasters)) spawnSync("ipcrm", ["-m", segment]);
    });
    const port = await freePorts(4);
    const ports = {
      STACK_PORT: port,
      APP_PORT: port + 1,
      REDIS_PORT: port + 2,
      MEMCACHED_PORT: port + 3,
    };
    const it = exampleProject(t, "stack", (directory) => ({
      ...ports,
      STACK_DIR: join(directory, "stack"),
      POSTGRES_BIN: postgresBin ?? "",
    }));
    const stack = join(it.directory, "stack");
    const page = async (): Promise<Page> => readPage(await httpGet(`http://127.0.0.1:${port}/`));
    const pageAgain = (): Promise<Page> =>
      until(page, { what: "the application behind nginx to answer", deadlineMs: PATIENCE_MS });
    const notePostmaster = async (): Promise<void> =>
      void postmasters.add(await it.pid("postgres"));

    await t.test("up -d starts all in order, and returns", async () => {
      const up = await runPatiently(it, "up", "-d");
      match(up.stdout, /project "stack" is supervised by pid \d+/, up.stderr);
      equal(up.code, 0, up.stderr);
      await untilServices(it, SERVICES, "the stack to serve", serves);
      await untilServices(it, ONESHOTS, "the oneshots to be done", ({ state }) => state === "done");
      await notePostmaster();
    });
    let events = it.follow();

    await t.test("each service speaks its protocol", async () => {
      equal(await askLine(ports.REDIS_PORT, "PING"), "+PONG");
      match(await askLine(ports.MEMCACHED_PORT, "version"), /^VERSION \d/);
      equal(await select(t, it, stack, "select 6 * 7"), "42\n");
      match(await httpGet(`http://127.0.0.1:${ports.APP_PORT}/alive`), /"pid":\d+/);
      // For up to a second of memcached's own clock: the second look of a pair may come too late.
      const [, { visits }] = await until(async () => [await page(), await page()] as const, {
        is: ([first, second]) => second.cached && second.stored === first.stored,
        what: "a sum that is cached",
      });
      equal(await select(t, it, stack, "select count(*) from visit"), `${visits}\n`);
    });

    await t.test(
      "each daemon has its own user, and the pidfile of nginx names its main process",
      async () => {
        const users = await Promise.all(
          SERVICES.map(async (name) => [name, userOf(await it.pid(name))] as const),
        );
        deepEqual(Object.fromEntries(users), {
          postgres: "postgres",
          redis: "root",
          memcached: "nobody",
          app: "root",
          nginx: "root",
        });
        equal(Number(readFileSync(join(stack, "nginx/nginx.pid"), "utf8")), await it.pid("nginx"));
        equal(segmentsOf(postmasters).length, 1);
      },
    );

    const healsAfterKill = async (name: (typeof SERVICES)[number]): Promise<Healed> => {
      const before = await identities(it, SERVICES);
      const { visits, stored } = await pageAgain();
      const seq = events.all.at(-1)?.seq ?? 0;
      const { restarts, pid } = await it.client.service(name);
      kill(pid ?? 0, "SIGKILL");
      const exit = await events.find(
        `the end of ${name}`,
        ({ service, kind }) => service === name && kind === "exit",
        seq,
      );
      await until(async () => (await it.client.service(name)).restarts > restarts, {
        what: `${name} to start again`,
        deadlineMs: PATIENCE_MS,
      });
      await untilServices(it, SERVICES, "the stack to serve again", serves);
      const after = await pageAgain();
      ok(after.visits > visits, "redis has lost visits");
      ok(after.stored >= stored, "PostgreSQL has lost visits");
      deepEqual(
        without(await identities(it, SERVICES), name),
        without(before, name),
        "another service was restarted",
      );
      notEqual((await identities(it, [name]))[name], before[name]);
      await notePostmaster();
      return { exit, restarts: (await it.client.service(name)).restarts - restarts };
    };

    for (const name of SERVICES)
      await t.test(`${name} comes back after a SIGKILL, and nothing else notices`, async () => {
        const { exit, restarts } = await healsAfterKill(name);
        match(exit.message, /SIGKILL/);
        equal(restarts, 1, (await it.run("logs", name)).stdout);
      });

    await t.test(
      "a second kill of nginx right after the first leaves no worker with its port",
      async () => {
        await healsAfterKill("nginx");
        await healsAfterKill("nginx");
      },
    );

    await t.test("a reload restarts the one service that was changed", async () => {
      const before = await identities(it, SERVICES);
      writeFileSync(it.file, readFileSync(it.file, "utf8").replace('-m, "16"', '-m, "24"'));
      const reload = await runPatiently(it, "reload");
      equal(reload.code, 0, reload.stderr);
      match(reload.stdout, /memcached: restart \(command\)/);
      await until(
        async () => (await identities(it, ["memcached"]))["memcached"] !== before["memcached"],
        { what: "another memcached", deadlineMs: PATIENCE_MS },
      );
      await untilServices(it, SERVICES, "the stack to serve again", serves);
      match(readFileSync(`/proc/${await it.pid("memcached")}/cmdline`, "utf8"), /\0-m\x0024\0/);
      deepEqual(without(await identities(it, SERVICES), "memcached"), without(before, "memcached"));
      await pageAgain();
    });

    await t.test(
      "reload of nginx has it reread its configuration: the master stays, the workers are others",
      async () => {
        const master = await it.pid("nginx");
        const workers = await processesOf(it, "nginx");
        equal((await runPatiently(it, "reload", "nginx")).code, 0);
        await until(
          async () =>
            (await processesOf(it, "nginx")).every(
              (pid) => pid === master || !workers.includes(pid),
            ),
          { what: "other workers", deadlineMs: PATIENCE_MS },
        );
        equal(await it.pid("nginx"), master);
        await pageAgain();
      },
    );

    await t.test(
      "a supervisor that was killed is followed by one that takes all over, and heals as before",
      async () => {
        const before = await identities(it, SERVICES);
        const { pid } = await it.client.project();
        kill(pid, "SIGKILL");
        await gone(pid);
        await pageAgain();
        equal((await runPatiently(it, "up", "-d")).code, 0);
        events = it.follow();
        await untilServices(it, SERVICES, "the stack to serve", serves);
        deepEqual(await identities(it, SERVICES), before);
        // It was init's child by then; while that has not collected it, PostgreSQL finds its number in use, and needs another run.
        for (const name of SERVICES) await healsAfterKill(name);
      },
    );

    await t.test(
      "a service that was stopped is gone with its workers and its port, and starts again",
      async () => {
        const before = await identities(it, SERVICES);
        const pids = await processesOf(it, "nginx");
        ok(pids.length >= 2, `nginx has no worker: ${pids.join()}`);
        const stop = await runPatiently(it, "stop", "nginx");
        equal(stop.code, 0, stop.stderr);
        deepEqual(
          pids.filter((pid) => isAlive(pid)),
          [],
        );
        deepEqual(listeningPorts([port]), []);
        equal((await statuses(it)).get("nginx")?.state, "down");
        const again = await runPatiently(it, "start", "nginx");
        equal(again.code, 0, again.stderr);
        await untilServices(it, SERVICES, "the stack to serve again", serves);
        await pageAgain();
        deepEqual(without(await identities(it, SERVICES), "nginx"), without(before, "nginx"));
      },
    );

    await t.test("down leaves no process, no port and no shared memory", async () => {
      deepEqual(listeningPorts(Object.values(ports)), Object.values(ports));
      ok(processesNaming(stack).length > 0 && usersOf(stack).length > 0);
      equal(segmentsOf(postmasters).length, 1);
      const down = await runPatiently(it, "down");
      equal(down.code, 0, down.stderr);
      deepEqual(listeningPorts(Object.values(ports)), []);
      deepEqual(usersOf(stack), []);
      deepEqual(processesNaming(stack), []);
      deepEqual(segmentsOf(postmasters), []);
      equal(
        existsSync(join(stack, "postgres/postmaster.pid")),
        false,
        "PostgreSQL was not shut down in order",
      );
      equal(existsSync(join(stack, "nginx/nginx.pid")), false, "nginx was not shut down in order");
    });
  },
);

interface Healed {
  /** How the killed run ended. */
  readonly exit: EventEntry;
  /** Runs that it took until the stack served again. */
  readonly restarts: number;
}

interface Page {
  readonly visits: number;
  readonly stored: number;
  readonly cached: boolean;
}

function readPage(text: string): Page {
  const { visits, stored, cached } = JSON.parse(text) as Partial<Page>;
  ok(typeof visits === "number" && typeof stored === "number" && typeof cached === "boolean", text);
  return { visits, stored, cached };
}

async function select(t: TestScope, it: Project, stack: string, query: string): Promise<string> {
  const words = [
    "-X",
    "-A",
    "-t",
    "-h",
    join(stack, "run"),
    "-U",
    "app",
    "-d",
    "postgres",
    "-c",
    query,
  ];
  const { stdout, stderr } = await finish(start(t, "psql", words, { env: it.environment }));
  equal(stderr, "");
  return stdout;
}

async function processesOf(it: Project, name: string): Promise<number[]> {
  return (await it.client.processes([name])).map(({ pid }) => pid);
}

function without<T>(all: Readonly<Record<string, T>>, name: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => key !== name));
}

/** Identifiers of the System V shared memory segments that one of these processes has made: proc_sysvipc_shm(5), columns shmid and cpid. */
function segmentsOf(creators: ReadonlySet<number>): string[] {
  return readFileSync("/proc/sysvipc/shm", "utf8")
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, shmid = "", , , cpid]) => (creators.has(Number(cpid)) ? [shmid] : []));
}

function userOf(pid: number): string {
  const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  const entry = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((line) => line.split(":")[2] === uid);
  return entry?.split(":")[0] ?? `uid ${uid}`;
}

function newestPostgres(): string | undefined {
  const versions = "/usr/lib/postgresql";
  if (!existsSync(versions)) return undefined;
  return readdirSync(versions)
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(versions, version, "bin"))
    .find((directory) => existsSync(join(directory, "postgres")));
}

function whySkipped(): string | false {
  if (process.geteuid?.() !== 0) return "needs root: each daemon gets a user of its own";
  const folders = (process.env["PATH"] ?? "").split(":");
  const missing = ["nginx", "redis-server", "redis-cli", "memcached", "psql"].filter(
    (program) => !folders.some((folder) => existsSync(join(folder, program))),
  );
  if (postgresBin === undefined) missing.push("postgres");
  return missing.length === 0 ? false : `not installed: ${missing.join(", ")}`;
}
