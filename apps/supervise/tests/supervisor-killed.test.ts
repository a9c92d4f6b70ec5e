import { deepEqual, equal, match, ok } from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture, isAlive, until } from "@supervise/testkit";
import { gone, identity, kill, project, type Project } from "./harness.js";

const STAY = { command: ["sleep", "60"] };
/** Writes a line for each line of the file "say", numbered; a write that fails ends it. */
const TALKER = [
  "sh",
  "-c",
  'n=0; tail -n +1 -f say | while read -r word; do n=$((n + 1)); echo "$n $word" || exit 9; echo $n > said; done',
];

async function killSupervisor(it: Project, pid: number): Promise<void> {
  equal((await it.client.project()).pid, pid);
  kill(pid, "SIGKILL");
  await gone(pid);
}

async function said(it: Project, count: number): Promise<void> {
  await until(() => readFileSync(join(it.directory, "said"), "utf8").trim() === String(count), {
    what: `${count} lines to be written`,
  });
}

test("services outlive a killed supervisor and write on; the next one takes them over and has every line", async (t) => {
  const it = project(t, { talker: { command: TALKER, restart: "always" }, other: STAY });
  writeFileSync(join(it.directory, "say"), "before\n");
  const first = await it.detach();
  await said(it, 1);
  const before = [identity(await it.pid("talker")), identity(await it.pid("other"))];
  const processes = it.processes().length;
  await killSupervisor(it, first);
  appendFileSync(join(it.directory, "say"), "gap one\ngap two\n");
  await said(it, 3);
  equal(it.processes().length, processes - 1, "only the supervisor has gone");

  const second = await it.detach();
  ok(second !== first);
  deepEqual([identity(await it.pid("talker")), identity(await it.pid("other"))], before);
  equal((await it.client.service("talker")).run, 1);
  equal((await it.client.service("talker")).restarts, 0);
  appendFileSync(join(it.directory, "say"), "after\n");
  await said(it, 4);
  const seen = await until(async () => (await it.run("logs", "--no-prefix", "talker")).stdout, {
    is: (text) => text.includes("after"),
    what: "the last line in the logs",
  });
  match(seen, /2 gap one\n3 gap two\n4 after\n$/);
  equal(it.processes().length, processes, "no second copy");

  equal((await it.run("down")).code, 0);
  await gone(second);
  deepEqual(it.processes(), []);
});

test("a service that ended in the gap is handled by its policy", async (t) => {
  const it = project(t, {
    again: { ...STAY, restart: "always", restart_delay: "0s" },
    once: { ...STAY, restart: "no" },
    stay: STAY,
  });
  const first = await it.detach();
  const [again, once, stay] = [
    await it.pid("again"),
    await it.pid("once"),
    identity(await it.pid("stay")),
  ];
  await killSupervisor(it, first);
  for (const pid of [again, once]) {
    kill(pid, "SIGKILL");
    await gone(pid);
  }
  await it.detach();
  const events = it.follow();
  await events.state("again", "up");
  ok((await it.pid("again")) !== again);
  equal(identity(await it.pid("stay")), stay);
  equal((await it.run("down")).code, 0);
});

test("what a service wrote before it ended in the gap is read where its tree still has the pipe, and said to be unknown where not", async (t) => {
  // The first has left a process that holds the pipe, the second has not.
  const wait = "until [ -e go ]; do sleep 0.02; done; echo last word; exit 3";
  const logged = (name: string, script: string) => ({
    command: ["sh", "-c", script],
    restart: "no",
    logging: { driver: "file", options: { path: `${name}.log` } },
  });
  const it = project(t, {
    held: logged("held", `sleep 60 & ${wait}`),
    alone: logged("alone", wait),
    again: { ...logged("again", wait), restart: "always", restart_delay: "0s" },
    stay: STAY,
  });
  const first = await it.detach();
  const names = ["held", "alone", "again"];
  const pids = await Promise.all(names.map((name) => it.pid(name)));
  await killSupervisor(it, first);
  writeFileSync(join(it.directory, "go"), "");
  for (const pid of pids) await until(() => !isAlive(pid), { what: `the end of ${pid}` });
  await it.detach();
  await it.follow().find("the next run", ({ service, run }) => service === "again" && run === 2);
  equal((await it.run("down")).code, 0);
  const rows = (name: string) =>
    readFileSync(join(it.directory, `${name}.log`), "utf8").replaceAll(/^\S+ |, pid \d+/gm, "");
  // Whoever collects orphans here may have been quicker than the next supervisor.
  const end = "(exited with code 3|ended with a status that the kernel does not tell)";
  const unknown = "unseen; how many of its last lines are lost is unknown";
  const begin = "- begin run 1\\n";
  match(
    rows("held"),
    new RegExp(`^held ${begin}held 1 out last word\\nheld - end run 1 ${end}\\n$`),
  );
  match(rows("alone"), new RegExp(`^alone ${begin}alone - end run 1 ${end}, ${unknown}\\n$`));
  match(
    rows("again"),
    new RegExp(`^again ${begin}again - end run 1 ${end}, ${unknown}\\nagain - begin run 2\\n`),
  );
  const { code, stdout } = await it.run("logs", "--verify");
  equal(code, 0);
  match(stdout, /^held: 1 line in 1 file, numbers 1 to 1: every number is there once$/m);
  match(stdout, /^ {2}last lines unknown: run 1 .*"[^"]*alone\.log"/m);
});

test("where nothing lives any more the log file tells the begin of the next run, whose number is 1 again", async (t) => {
  const it = project(t, {
    only: {
      command: ["sh", "-c", "until [ -e go ]; do sleep 0.02; done"],
      logging: { driver: "file", options: { path: "only.log" } },
    },
  });
  const first = await it.detach();
  const pid = await it.pid("only");
  await killSupervisor(it, first);
  writeFileSync(join(it.directory, "go"), "");
  await until(() => !isAlive(pid), { what: "its end" });
  await it.begin(["up", "-d"]).exit();
  await it.run("down");
  const kinds = readFileSync(join(it.directory, "only.log"), "utf8").match(/(?<= - )\w+ run \d+/gm);
  deepEqual(kinds, ["begin run 1", "end run 1", "begin run 1", "end run 1"]);
});

test("an adopted service is stopped with its whole tree, the deaf ones by SIGKILL", async (t) => {
  const it = project(t, {
    deaf: {
      command: [fixture("ignore-term")],
      ready: { log: "^ready$" },
      stop_grace_period: "200ms",
    },
    twice: { command: [fixture("fork-twice")], ready: { log: "^orphan" }, stop_grace_period: "1s" },
  });
  const first = await it.detach();
  const [deaf, twice] = [await it.pid("deaf"), await it.pid("twice")];
  const orphan = Number(/orphan (\d+)/.exec((await it.run("logs", "twice")).stdout)?.[1]);
  ok(isAlive(orphan));
  await killSupervisor(it, first);
  const second = await it.detach();
  equal(await it.pid("deaf"), deaf);
  equal(await it.pid("twice"), twice);
  const stopped = await it.run("stop", "*");
  equal(stopped.code, 0, stopped.stderr);
  for (const pid of [deaf, twice, orphan]) ok(!isAlive(pid), `${pid} lives on`);
  equal((await it.run("down")).code, 0);
  await gone(second);
});

test("an adopted service that ends is restarted by its policy, and a second kill changes nothing of that", async (t) => {
  const it = project(t, { web: { ...STAY, restart: "always", restart_delay: "0s" } });
  let supervisor = await it.detach();
  const web = identity(await it.pid("web"));
  for (let round = 0; round < 2; round += 1) {
    await killSupervisor(it, supervisor);
    supervisor = await it.detach();
    equal(identity(await it.pid("web")), web);
  }
  const events = it.follow();
  process.kill(await it.pid("web"), "SIGKILL");
  await events.find(
    "the second run",
    (entry) => entry.service === "web" && entry.state === "up" && entry.run === 2,
  );
  match((await it.client.service("web")).lastExit?.text ?? "", /SIGKILL|ended/);
  equal((await it.run("down")).code, 0);
  await gone(supervisor);
});

test("an adopted service is as ready as it was, and its notify socket works on", async (t) => {
  const it = project(t, {
    web: { command: [fixture("notify-ready")], ready: { notify: true, timeout: "1m" } },
    late: {
      command: [
        "sh",
        "-c",
        `until [ -e go ]; do sleep 0.02; done; exec ${fixture("notify-ready")} READY=1 STATUS=late`,
      ],
      ready: { notify: true },
    },
    after: { ...STAY, depends_on: ["late"] },
  });
  const starter = it.begin(["up", "-d"]);
  const client = it.client;
  await until(
    async () => (await client.service("web")).ready && (await client.service("late")).pid !== null,
    { what: "web to be ready" },
  );
  const { pid } = await client.project();
  const late = await it.pid("late");
  kill(pid, "SIGKILL");
  await gone(pid);
  equal((await starter.exit()).code, 1);
  const again = it.begin(["up", "-d"]);
  await until(async () => (await client.service("web")).ready, { what: "web to be ready still" });
  equal(await it.pid("late"), late);
  equal((await client.service("late")).ready, false);
  writeFileSync(join(it.directory, "go"), "");
  const { code } = await again.exit();
  equal(code, 0);
  equal((await client.service("after")).state, "up");
  equal((await client.service("late")).statusText, "late");
  equal((await it.run("down")).code, 0);
});

test("a record whose number is another process now adopts nobody", async (t) => {
  const it = project(t, { web: STAY });
  const first = await it.detach();
  const web = await it.pid("web");
  await killSupervisor(it, first);
  kill(web, "SIGKILL");
  await gone(web);
  // The same number cannot be had again at will: what stands in the records is made to name a process that lives, this one.
  const path = join(it.runtimeDirectory, "records");
  match(readFileSync(path, "utf8"), new RegExp(`"pid":${web},`));
  writeFileSync(
    path,
    readFileSync(path, "utf8").replaceAll(`"pid":${web},`, `"pid":${process.pid},`),
  );
  const second = await it.detach();
  ok((await it.pid("web")) !== process.pid);
  equal((await it.run("down")).code, 0);
  await gone(second);
});
