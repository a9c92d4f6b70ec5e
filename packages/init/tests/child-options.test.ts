import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { childrenOf, inPidNamespace, start, until } from "@supervise/testkit";
import type { Started, TestScope } from "@supervise/testkit";
import { conformance, subject } from "./conformance.js";
import type { Subject } from "./conformance.js";
import { INITS, program } from "./inits.js";
import type { Asked } from "./inits.js";

/** A shell that says which signals it got; a child of it in the same group says the same of itself. It ends with 9 at USR2. */
const GROUP = `
  trap 'echo parent got USR1' USR1; trap 'exit 9' USR2
  sh -c 'trap "echo member got USR1" USR1; trap "exit 0" USR2; echo member; while :; do sleep 60 & wait $!; kill $! ; done' &
  echo parent; while :; do wait; done`;

function beginIn(t: TestScope, it: Subject, script: string, asked: Asked): Started {
  const words = it.words(["sh", "-c", script], asked);
  const [first = "", ...rest] = words;
  return it.mode === "pid-1" ? inPidNamespace(t, [first, ...rest]) : start(t, first, rest);
}

async function initOf(it: Subject, started: Started): Promise<number> {
  if (it.mode === "subreaper") return started.pid;
  return await until(() => childrenOf(started.pid)[0], { what: "the init" });
}

conformance(
  "forwarding to a group",
  "with -g every process of the group gets it",
  async (it, t) => {
    const started = beginIn(t, it, GROUP, { group: true });
    await started.stdout.match(/^(?:parent|member)$/);
    await started.stdout.match(/^(?:parent|member)$/);
    const init = await initOf(it, started);
    process.kill(init, "SIGUSR1");
    const seen = [
      (await started.stdout.match(/^(\w+) got USR1$/))[1],
      (await started.stdout.match(/^(\w+) got USR1$/))[1],
    ];
    deepEqual(new Set(seen), new Set(["member", "parent"]));
    process.kill(init, "SIGUSR2");
    deepEqual(await started.exit(), { code: 9, signal: null });
  },
);

conformance("single child", "without a group only the child gets it", async (it, t) => {
  const started = beginIn(t, it, GROUP, { singleChild: true });
  await started.stdout.match(/^(?:parent|member)$/);
  await started.stdout.match(/^(?:parent|member)$/);
  const init = await initOf(it, started);
  process.kill(init, "SIGUSR1");
  await started.stdout.match(/^parent got USR1$/);
  process.kill(init, "SIGUSR2");
  deepEqual(await started.exit(), { code: 9, signal: null });
  deepEqual(
    started.stdout.all.filter((line) => line.startsWith("member got")),
    [],
  );
});

conformance(
  "rewriting",
  "a rewritten signal arrives as another, and one rewritten to 0 not",
  (it) => {
    const ended = it.run([program("echo-signals"), "kill", "15", "10,28", "12"], {
      asked: { rewrite: ["15:3", "10:0", "12:10"] },
    });
    match(ended.stdout, /^pid/, ended.stderr);
    deepEqual(
      ended.stdout
        .trimEnd()
        .split("\n")
        .slice(1)
        .map((line) => line.replace(/ code.*/, "")),
      ["15: signal 3", "10,28: signal 28", "12: signal 10"],
    );
  },
);

conformance("exit codes told anew", "a remapped exit code is told as the other one", (it) => {
  equal(it.run(["sh", "-c", "kill -TERM $$"], { asked: { remapToZero: 143 } }).code, 0);
  equal(it.run(["sh", "-c", "exit 142"], { asked: { remapToZero: 143 } }).code, 142);
});

conformance("exit codes told anew", "remapping has any codes, and many of them", (it) => {
  if (it.init.name !== "supervise-init") return;
  const own = ["--remap-exit", "143:7", "--remap-exit=7:8", "-e", "9"];
  const codes = [143, 7, 9, 1].map(
    (code) => it.run(["sh", "-c", `exit ${code}`], { asked: { own } }).code,
  );
  deepEqual(codes, [7, 8, 0, 1]);
});

conformance(
  "an end by force",
  "a child that ignores TERM is killed after the time given",
  async (it, t) => {
    const script = "trap '' TERM; echo ready; while :; do sleep 60; done";
    const started = beginIn(t, it, script, { own: ["--kill-after", "50ms", "--grace", "50ms"] });
    await started.stdout.match(/^ready$/);
    process.kill(await initOf(it, started), "SIGTERM");
    deepEqual(await started.exit(), { code: 137, signal: null });
  },
);

test("with -p the init acts on the death of its parent as on that signal", async (t) => {
  const [own] = INITS;
  ok(own);
  const it = subject(own, "subreaper");
  const words = it.words(
    [
      "sh",
      "-c",
      "trap 'echo got TERM; exit 0' TERM; echo ready $$ $PPID; while :; do sleep 60 & wait $!; done",
    ],
    {
      own: ["-p", "TERM", "--grace", "50ms"],
    },
  );
  const parent = start(t, "sh", ["-c", '"$@" & echo started; wait', "sh", ...words]);
  const [, , init] = await parent.stdout.match(/^ready (\d+) (\d+)$/);
  process.kill(parent.pid, "SIGKILL");
  await parent.stdout.match(/^got TERM$/);
  await until(() => childrenOf(Number(init)).length === 0, { what: "the end of the init" });
});
