import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { childrenOf, fixture, readProcess, spawnFixture, start, until } from "@supervise/testkit";
import { run, serveTarget, serviceStatus } from "./cli-run.js";
import { project } from "./harness.js";

interface Shown {
  readonly subjects: readonly {
    readonly asked: string;
    readonly service: string | null;
    readonly why: readonly string[] | null;
    readonly mainPid: number | null;
    readonly processes: readonly (Readonly<Record<string, unknown>> & {
      readonly pid: number;
      readonly depth: number;
    })[];
    readonly gone: readonly number[];
  }[];
}

function usageIn(subjects: Shown["subjects"]): {
  readonly cpuPercent: number | null;
  readonly residentBytes: number;
} {
  const usage = subjects[0]?.processes[0]?.["usage"];
  ok(typeof usage === "object" && usage !== null);
  return usage as ReturnType<typeof usageIn>;
}

/** Resolves once the process runs this program and waits for something: it may say that it is ready before. */
async function asleep(pid: number, name: string): Promise<void> {
  await until(() => readProcess(pid), {
    is: (entry) => entry?.name === name && entry.state === "S",
    what: `${name} to sleep`,
  });
}

async function json(...words: readonly string[]): Promise<Shown> {
  const { code, out, err } = await run(["inspect", "--json", ...words]);
  equal(code, 0, err);
  return JSON.parse(out) as Shown;
}

test("a process is shown by its number, in lines of at most 80 columns", async (t) => {
  const { pid } = await spawnFixture(t, "listen-port");
  await asleep(pid, "listen-port");
  const { code, out, err } = await run(["inspect", "--all", String(pid)]);
  equal(code, 0, err);
  match(out, new RegExp(`^listen-port \\(pid ${pid}\\)\n`));
  match(out, /^ +state +sleeping \(S\)/m);
  match(out, new RegExp(`^ +parent +${process.pid}, process group ${pid}, session ${pid}$`, "m"));
  match(out, new RegExp(`^Descriptors: ${readdirSync(`/proc/${pid}/fd`).length} of \\d+$`, "m"));
  match(out, /^ +\d+ +rw +close +socket +tcp 127\.0\.0\.1:\d+ listening, 0 of 64 waiting$/m);
  match(out, /^ +ignored +.*SIGPIPE/m);
  for (const heading of [
    "Signals",
    "Limits",
    "Memory",
    "Threads",
    "Capabilities",
    "Cgroup",
    "Namespaces",
  ])
    match(out, new RegExp(`^${heading}$`, "m"));
  const words = new Set(out.split("\n").flatMap((line) => line.trim().split(" ")));
  for (const line of out.split("\n").filter((one) => !/^ {2}[A-Za-z_0-9]+=/.test(one)))
    // Only a single word that is longer than its column may stand out.
    ok(line.length <= 80 || words.has(line.trim().split(" ").at(-1) ?? ""), line);
});

test("only the sections that are asked for are shown, and read", async (t) => {
  const { pid } = await spawnFixture(t, "ignore-term");
  const { out } = await run(["inspect", "--signals", String(pid)]);
  match(out, /caught +.*SIGTERM/);
  ok(!/Descriptors|Limits|state/.test(out), out);
  const { subjects } = await json("--signals", String(pid));
  const [subject] = subjects;
  deepEqual(
    [subject?.asked, subject?.service, subject?.why, subject?.mainPid, subject?.gone],
    [String(pid), null, null, pid, []],
  );
  const one = subject?.processes[0];
  deepEqual(Object.keys(one?.["signals"] ?? {}), ["known", "value"]);
  for (const group of ["descriptors", "limits", "environment", "memory", "command"])
    ok(!(group in (one ?? {})), group);
});

test("the tree of a process is shown on request, each below its parent", async (t) => {
  const { pid, stdout } = await spawnFixture(t, "fork-twice");
  await stdout.match(/orphan (\d+)/);
  const shell = start(t, "sh", ["-c", "sleep 60 & sleep 60 & echo ready; wait"]);
  await shell.stdout.match(/^ready$/);
  await asleep(shell.pid, "sh");
  for (const child of childrenOf(shell.pid)) await asleep(child, "sleep");
  equal((await json(String(shell.pid))).subjects[0]?.processes.length, 1);
  const { subjects } = await json("--tree", "--signals", String(shell.pid), String(pid));
  deepEqual(
    subjects[0]?.processes.map(({ depth, name }) => [depth, name]),
    [
      [0, "sh"],
      [1, "sleep"],
      [1, "sleep"],
    ],
  );
  const { out } = await run(["inspect", "--tree", String(shell.pid)]);
  match(out, new RegExp(`^${shell.pid} +S +1 +\\d+/\\d+ .* sh -c`, "m"));
  match(out, /^\d+ +S +1 +\d+\/\d+ .* {3}sleep 60$/m);
});

test("secrets of the environment are masked, in the text and in JSON, unless they are asked for", async (t) => {
  const environment = {
    DB_PASSWORD: "hunter2",
    API_KEY: "hunter3",
    DATABASE_URL: "postgres://app:hunt@er4@db/app",
    TOKEN_FILE: "/run/token",
    KEYBOARD: "de",
    EMPTY_SECRET: "",
  };
  const { pid } = await spawnFixture(t, "ignore-term", [], { env: environment });
  const masked = await run(["inspect", "--environment", String(pid)]);
  ok(!masked.out.includes("hunt"), masked.out);
  for (const line of [
    "DB_PASSWORD=***",
    "API_KEY=***",
    "DATABASE_URL=postgres://app:***@db/app",
    "TOKEN_FILE=/run/token",
    "KEYBOARD=de",
    "EMPTY_SECRET=",
  ])
    ok(masked.out.includes(`  ${line}\n`), line);
  const { subjects } = await json("--environment", String(pid));
  ok(!JSON.stringify(subjects).includes("hunt"));
  const plain = await run(["inspect", "--environment", "--secrets", String(pid)]);
  for (const [name, value] of Object.entries(environment))
    ok(plain.out.includes(`  ${name}=${value}\n`), name);
});

test("control characters of a process do nothing to the terminal", async (t) => {
  const { pid } = await spawnFixture(t, "ignore-term", ["\u001b]0;title\u0007"], {
    env: { EVIL: "\u001b[2J\u009b31m" },
  });
  const { out } = await run(["inspect", "--overview", "--environment", String(pid)]);
  ok(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(out));
  match(out, /\\x1b\]0;title\\x07/);
});

test("--sample measures the use of processors for that time", async (t) => {
  const busy = start(t, "sh", ["-c", "echo ready; while :; do :; done"]);
  await busy.stdout.match(/^ready$/);
  // On a machine that has much to do it may get no tick of 10 ms in that time.
  const usage = await until(
    async () => usageIn((await json("--sample", "200ms", "--signals", String(busy.pid))).subjects),
    { is: ({ cpuPercent }) => (cpuPercent ?? 0) > 0, what: "some use of a processor" },
  );
  ok(usage.residentBytes > 100_000);
  const once = await json("--signals", String(busy.pid));
  equal(usageIn(once.subjects).cpuPercent, null);
});

test("what is no process, no service or not given is refused in words", async () => {
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [[], 64, /cannot inspect: neither a process nor a service is named\n {2}hint: /],
    [["4194305"], 1, /cannot inspect process "4194305": no such process \(ESRCH\)/],
    [["0"], 1, /cannot inspect process "0": no such process \(ESRCH\)/],
    [["--sample", "soon", "1"], 64, /--sample/],
    [["--descriptor", "1"], 64, /did you mean --descriptors\?/],
  ];
  for (const [words, expected, message] of cases) {
    const { code, out, err } = await run(["inspect", ...words]);
    deepEqual([code, out], [expected, ""], err);
    match(err, message);
  }
  const thread = readdirSync("/proc/self/task").find((tid) => tid !== String(process.pid)) ?? "";
  const { code, err } = await run(["inspect", thread]);
  equal(code, 64);
  match(err, new RegExp(`"${thread}": it is a thread of process ${process.pid}`));
});

test("a name asks the supervisor: why, and every process of the tree", async (t) => {
  const it = project(t, { twice: { command: [fixture("fork-twice")], ready: { log: "^orphan" } } });
  const supervisor = await it.up();
  const orphan = Number((await supervisor.stdout.match(/orphan (\d+)/))[1]);
  await supervisor.events.state("twice", "up");
  const main = await it.pid("twice");
  const shown = await it.run("inspect", "twice");
  equal(shown.code, 0, shown.stderr);
  match(shown.stdout, /^service "twice" is up/);
  match(shown.stdout, new RegExp(`^${orphan} `, "m"));
  match(shown.stdout, new RegExp(`^fork-twice \\(pid ${main}\\)$`, "m"));
  const each = await it.run("inspect", "--each", "--signals", "twice");
  match(each.stdout, new RegExp(`\\(pid ${orphan}\\)$`, "m"));
  const { subjects } = JSON.parse((await it.run("inspect", "--json", "twi*")).stdout) as Shown;
  equal(subjects[0]?.service, "twice");
  equal(subjects[0]?.mainPid, main);
  deepEqual(new Set(subjects[0]?.processes.map(({ pid }) => pid)), new Set([main, orphan]));
  match(subjects[0]?.why?.[0] ?? "", /is up/);
  const wrong = await it.run("inspect", "twise");
  equal(wrong.code, 1);
  match(wrong.stderr, /"twise".*\n.*twice/);
});

test("a service without processes says so", async (t) => {
  const socket = await serveTarget(t, {
    services: () => [serviceStatus("web", { state: "down", pid: null })],
    why: () => ['service "web" is down'],
    processes: () => [],
  });
  const { code, out } = await run(["inspect", "--socket", socket, "web"]);
  equal(code, 0);
  match(out, /^service "web" is down\n\nservice "web" has no processes\n$/);
});

test(
  "of a process of another user the hidden parts say that they are",
  { skip: rootSkip() },
  async (t) => {
    const { pid } = await spawnFixture(t, "ignore-term");
    process.seteuid?.(65534);
    try {
      const { code, out } = await run(["inspect", "--all", String(pid)]);
      equal(code, 0);
      match(out, /^Environment it was started with\n {2}hidden from us/m);
      match(out, /^Descriptors: \d+ of \d+\n {2}hidden from us/m);
      match(out, /^ +caught +.*SIGTERM/m);
    } finally {
      process.seteuid?.(0);
    }
    equal(readFileSync(`/proc/${pid}/comm`, "utf8"), "ignore-term\n");
  },
);

function rootSkip(): string | false {
  return process.getuid?.() === 0 ? false : "only root can become another user";
}

test("status and metrics tell what the processes of a service use, when they are asked", async (t) => {
  const it = project(t, { web: { command: ["sh", "-c", "sleep 60 & wait"] } });
  const supervisor = await it.up();
  await supervisor.events.state("web", "up");
  const { stdout } = await it.run("status", "--usage");
  match(stdout, /^NAME .* CPU +MEMORY +REASON$/m);
  match(stdout, /^web .* [\d.]+ % +[\d.]+ [KM]B +/m);
  ok(!/CPU/.test((await it.run("status")).stdout));
  const { services } = JSON.parse((await it.run("status", "--usage", "--json")).stdout) as {
    readonly services: readonly { readonly usage: { readonly residentBytes: number } | null }[];
  };
  ok((services[0]?.usage?.residentBytes ?? 0) > 100_000);
  const metrics = await it.client.metrics({ usage: true });
  match(metrics, /^supervise_service_processes\{service="web"\} [12]$/m);
  match(metrics, /^supervise_service_resident_bytes\{service="web"\} \d{6,}$/m);
  ok(!(await it.client.metrics()).includes("resident"));
});
