import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readProcess } from "@supervise/testkit";
import { environmentOf, hasOnlyStandardDescriptors, project, statusField } from "./harness.js";

const STAY = { command: ["sleep", "60"] };
const NOT_ROOT = process.getuid?.() === 0 ? false : "only root may change the user";

test("a run has a session of its own and no terminal", async (t) => {
  const it = project(t, { one: STAY, two: STAY });
  await (await it.up()).events.state("two", "up");
  for (const name of ["one", "two"]) {
    const pid = await it.pid(name);
    const entry = readProcess(pid);
    equal(entry?.sid, pid);
    equal(entry?.pgid, pid);
    const terminal = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[4];
    equal(terminal, "0");
  }
});

test("a run has the descriptors 0 to 2 and no other: null, and two pipes of its own", async (t) => {
  const it = project(t, { one: STAY });
  const { events } = await it.up();
  await events.state("one", "up");
  const pid = await it.pid("one");
  await hasOnlyStandardDescriptors(pid);
  const [stdin, stdout, stderr] = [0, 1, 2].map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  equal(stdin, "/dev/null");
  match(stdout ?? "", /^pipe:/);
  match(stderr ?? "", /^pipe:/);
});

test("a run starts with every signal unblocked and at its default", async (t) => {
  const it = project(t, { one: STAY });
  await (await it.up()).events.state("one", "up");
  const pid = await it.pid("one");
  for (const field of ["SigBlk", "SigIgn", "SigCgt", "SigPnd"])
    equal(statusField(pid, field), "0000000000000000", field);
});

test("a run has the limit of open files that the supervisor was started with, not Node's", async (t) => {
  const it = project(t, { one: STAY });
  const supervisor = await it.up({ through: ["sh", "-c", 'ulimit -Sn 700; "$@"; exit $?', "sh"] });
  await supervisor.events.state("one", "up");
  const limit = (pid: number | "self"): string =>
    /Max open files\s+(\S+)/.exec(readFileSync(`/proc/${pid}/limits`, "utf8"))?.[1] ?? "";
  equal(limit(await it.pid("one")), "700");
  ok(Number(limit((await it.client.project()).pid)) > 700, "Node has raised its own");
});

test("working directory, umask, nice value, limits and environment are those of the configuration", async (t) => {
  const it = project(t, {
    one: {
      ...STAY,
      working_dir: "inside",
      umask: "027",
      nice: 5,
      oom_score_adj: 321,
      ulimits: { nofile: { soft: 123, hard: 456 }, core: 0 },
      environment: { GREETING: "grüß Gott", EMPTY: "" },
      inherit_environment: false,
      no_new_privileges: true,
    },
  });
  mkdirSync(join(it.directory, "inside"));
  await (await it.up()).events.state("one", "up");
  const pid = await it.pid("one");
  equal(readlinkSync(`/proc/${pid}/cwd`), join(it.directory, "inside"));
  equal(statusField(pid, "Umask"), "0027");
  equal(readFileSync(`/proc/${pid}/oom_score_adj`, "utf8").trim(), "321");
  equal(statusField(pid, "NoNewPrivs"), "1");
  equal(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[16], "5");
  match(readFileSync(`/proc/${pid}/limits`, "utf8"), /Max open files\s+123\s+456/);
  const environment = environmentOf(pid).filter((entry) => !entry.startsWith("INVOCATION_ID="));
  deepEqual(environment.toSorted(), ["EMPTY=", "GREETING=grüß Gott"]);
});

test("the supervisor's own variables do not reach a run", async (t) => {
  const it = project(t, { one: STAY });
  const supervisor = await it.up({
    env: {
      ...it.environment,
      NOTIFY_SOCKET: "/nowhere",
      LISTEN_FDS: "3",
      WATCHDOG_USEC: "5",
      INVOCATION_ID: "old",
    },
  });
  await supervisor.events.state("one", "up");
  const environment = environmentOf(await it.pid("one"));
  for (const name of ["NOTIFY_SOCKET", "LISTEN_FDS", "WATCHDOG_USEC", "SUPERVISE_START_FD"])
    equal(
      environment.find((entry) => entry.startsWith(`${name}=`)),
      undefined,
    );
  const identifiers = environment.filter((entry) => entry.startsWith("INVOCATION_ID="));
  equal(identifiers.length, 1);
  match(identifiers[0] ?? "", /^INVOCATION_ID=[0-9a-f]{32}$/);
});

test("each run has an identifier and output of its own, and what the configuration says by then", async (t) => {
  const again = { ...STAY, restart: "always", restart_delay: "0s" };
  const it = project(t, { one: { ...again, environment: { WORD: "old" } } });
  const supervisor = await it.up();
  const seen = new Set<string>();
  const run = async (number: number): Promise<readonly string[]> => {
    await supervisor.events.find(
      `run ${number}`,
      (entry) => entry.service === "one" && entry.state === "up" && entry.run === number,
    );
    const pid = await it.pid("one");
    const own = environmentOf(pid);
    seen.add(own.find((entry) => entry.startsWith("INVOCATION_ID=")) ?? "none");
    seen.add(readlinkSync(`/proc/${pid}/fd/1`)).add(readlinkSync(`/proc/${pid}/fd/2`));
    return own;
  };
  for (const number of [1, 2, 3]) {
    equal((await run(number)).includes("WORD=old"), true);
    equal(seen.size, 3 * number);
    process.kill(await it.pid("one"), "SIGKILL");
  }
  await run(4);
  it.write({ one: { ...again, environment: { WORD: "new" } } });
  equal((await it.run("reload")).code, 0);
  equal((await run(5)).includes("WORD=new"), true);
  equal(seen.size, 15);
});

test("a run has the user and groups of the configuration", { skip: NOT_ROOT }, async (t) => {
  const it = project(t, {
    one: { ...STAY, user: "65534:65534", group_add: ["7"], cap_drop: ["ALL"], working_dir: "/" },
  });
  await (await it.up()).events.state("one", "up");
  const pid = await it.pid("one");
  equal(statusField(pid, "Uid"), "65534\t65534\t65534\t65534");
  equal(statusField(pid, "Gid"), "65534\t65534\t65534\t65534");
  match(statusField(pid, "Groups"), /\b7\b/);
  equal(statusField(pid, "CapEff"), "0000000000000000");
  equal(statusField(pid, "CapBnd"), "0000000000000000");
});
