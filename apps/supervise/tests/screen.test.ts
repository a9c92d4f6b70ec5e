import { deepEqual, equal, match, ok } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  fixture,
  inTerminal,
  isAlive,
  until,
  type InTerminal,
  type Resizing,
  type TestScope,
} from "@supervise/testkit";
import { COMMAND, project, type Project, type Services } from "./harness.js";
import { numbersFrom } from "./numbers-from.js";

const SERVICES: Services = {
  web: { command: ["sh", "-c", "echo ready; exec sleep 60"], ready: { log: "^ready$" } },
  late: { command: ["sleep", "60"], depends_on: { web: { condition: "service_started" } } },
};

/** `supervise up` in a terminal, with somebody before it. */
function watched(
  t: TestScope,
  it: Project,
  words: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
  resizing: Resizing = "cuts",
): InTerminal {
  const { CI: _, ...env } = it.environment;
  const options = ["--file", it.file, "--runtime-dir", it.runtimeDirectory, ...words];
  return inTerminal(t, [process.execPath, COMMAND, "up", ...options], {
    cwd: it.directory,
    env: { ...env, TERM: "xterm-256color", ...environment },
    resizing,
  });
}

test("lines run above a live table; a key restarts, and leaving gives the terminal back", async (t) => {
  const it = project(t, SERVICES);
  const screen = watched(t, it);
  await screen.shows(/SERVICE +STATE +READY/);
  await screen.shows(/> web +up +yes/);
  await screen.shows(/2 up/);
  const before = await it.pid("web");
  screen.type("r");
  await until(() => it.pid("web"), { is: (pid) => pid !== before && pid > 0, what: "a new run" });
  ok(!isAlive(before));
  screen.type("q");
  equal((await screen.exit()).code, 0);
  equal(await screen.restored(), true);
  match(screen.output(), /\x1b\[\?25h/, "the cursor is shown again");
});

test("the start says who waits for whom, the end who is being stopped, and a wide terminal says it in the rows", async (t) => {
  const it = project(t, {
    db: {
      command: ["sh", "-c", "until [ -e go ]; do sleep 0.02; done; echo ready; exec sleep 60"],
      ready: { log: "^ready$" },
    },
    web: {
      command: [fixture("ignore-term")],
      ready: { log: "^ready$" },
      stop_grace_period: "50s",
      depends_on: ["db"],
      port: "auto",
    },
  });
  const screen = watched(t, it);
  await screen.sees(/web +waiting +0 +5000\?\n/);
  await screen.sees(/^db is starting; web waits for db\ndb: run 1 .* is not ready yet/m);
  screen.resize(140, 40);
  await screen.sees(/MEM +WHY\n> db .* is not ready yet.*\n +web .*"db" is not ready yet/);
  writeFileSync(join(it.directory, "go"), "");
  await screen.sees(/^2 up$/m);
  screen.type("q");
  await screen.sees(/^ending; 2 are left: web, then db\nweb: .* SIGKILL in/m);
  screen.type("q");
  equal((await screen.exit()).code, 0);
});

test("the port that a service listens on stands in its row, also after a restart", async (t) => {
  const listen = 'require("node:net").createServer().listen(0, "127.0.0.1")';
  const it = project(t, { web: { command: [process.execPath, "-e", listen] } });
  const screen = watched(t, it);
  const port = (): string | undefined =>
    /web +up +yes +0 +(\d+) /.exec(screen.screen.lines().join("\n"))?.[1];
  const first = await until(port, { is: (found) => found !== undefined, what: "a port" });
  screen.type("r");
  await until(port, {
    is: (found) => found !== undefined && found !== first,
    what: "another port",
  });
  screen.type("q");
  equal((await screen.exit()).code, 0);
});

test("the first Ctrl-C ends in order and says what it waits for, the second one at once", async (t) => {
  const deaf = {
    command: [fixture("ignore-term")],
    ready: { log: "^ready$" },
    stop_grace_period: "50s",
  };
  const it = project(t, { deaf });
  const screen = watched(t, it);
  await screen.shows(/> deaf +up +yes/);
  screen.type("\x03");
  await screen.shows(/ending; deaf: .*SIGKILL in/);
  await screen.shows(/q again: end at once/);
  screen.type("\x03");
  equal((await screen.exit()).code, 0);
  equal(await screen.restored(), true);
});

test("at another size it is drawn anew", async (t) => {
  const it = project(t, SERVICES);
  const screen = watched(t, it);
  await screen.shows(/2 up/);
  const drawn = screen.output().length;
  screen.resize(200, 50);
  await until(() => screen.output().slice(drawn), {
    is: (text) => /SERVICE +STATE/.test(text),
    what: "another table",
  });
  screen.type("q");
  equal((await screen.exit()).code, 0);
});

/** Of the table, and of the lines below it. */
const TABLE = /SERVICE +STATE|^[> ] (?:web|late|writer) |q quit|waits? for|not ready yet/;

for (const resizing of ["cuts", "wraps"] as const)
  test(`a terminal that ${resizing} its rows, made larger and smaller while a service writes, keeps every line and no row of the table`, async (t) => {
    const writes = "i=0; while [ $i -lt 1500 ]; do i=$((i+1)); echo line $i; sleep 0.005; done";
    const it = project(t, {
      writer: { command: ["sh", "-c", `${writes}; exec sleep 60`] },
      web: { command: ["sleep", "60"], ready: { log: "never" } },
      late: { command: ["sleep", "60"], depends_on: { web: { condition: "service_healthy" } } },
    });
    const screen = watched(t, it, ["--grace", "1s"], {}, resizing);
    const lines = (): readonly number[] =>
      screen.screen
        .scrollback()
        .flatMap((line) => /^writer +\| line (\d+)$/.exec(line)?.[1] ?? [])
        .map(Number);
    // Blank rows below a table that is wrapped anew would have tmux move its beginning into the history.
    await screen.shows(/line 60\b/);
    const seed = Number(process.env["SUPERVISE_TEST_SEED"] ?? Date.now() % 0x7fff_ffff) || 1;
    const random = numbersFrom(seed);
    for (let step = 0; step < 40; step += 1) {
      const before = screen.output().length;
      screen.resize(45 + (random() % 150), 24 + (random() % 30));
      // At once again, or once it has written something.
      if (random() % 3 > 0)
        await until(() => screen.output().length, {
          is: (length) => length > before,
          what: "some output",
        });
    }
    screen.resize(130, 40);
    const about = `seed ${seed}`;
    const visible = await screen.sees(/MEM +WHY\n(?:.*\n){3,4}[^]*q quit\n*$/, about);
    equal(
      visible.filter((line) => line.includes("SERVICE")).length,
      1,
      `${about}\n${visible.join("\n")}`,
    );
    screen.type("q");
    equal((await screen.exit()).code, 0);
    const seen = lines();
    ok(seen.length >= 60, about);
    deepEqual(
      seen,
      seen.map((_, at) => at + 1),
      about,
    );
    deepEqual(
      screen.screen.scrollback().filter((line) => TABLE.test(line)),
      [],
      about,
    );
  });

for (const [what, words, environment] of [
  ["--plain", ["--plain"], {}],
  ["CI", [], { CI: "true" }],
  ["a dumb terminal", [], { TERM: "dumb" }],
] as const)
  test(`${what}: only lines`, async (t) => {
    const it = project(t, SERVICES);
    const screen = watched(t, it, words, environment);
    await screen.shows(/late is up/);
    await it.run("down");
    equal((await screen.exit()).code, 0);
    ok(!/SERVICE +STATE/.test(screen.output()));
  });
