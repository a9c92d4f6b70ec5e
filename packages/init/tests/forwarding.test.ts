import { deepEqual, equal, match } from "node:assert/strict";
import { release } from "node:os";
import { conformance } from "./conformance.js";
import type { Subject } from "./conformance.js";
import { program } from "./inits.js";

const CONT = 18;
/** To the kernel a CONT undoes a stop that is still pending, and the other way round. */
const STOPS = [20, 21, 22];

/** Those that any process may get from another: not KILL and STOP, which nobody can forward, nor CHLD, which tells of children. */
const STANDARD = [1, 2, 3, 10, 12, 13, 14, 15, 16, 18, 20, 23, 24, 25, 26, 27, 28, 29, 30];
/** Faults, when a process makes them itself: tini and catatonit leave these to the kernel. */
const FAULTS = [4, 5, 6, 7, 8, 11, 31];
/** What a terminal sends to its background. A peer that gets one before its first instruction is stopped by it. */
const BACKGROUND = [21, 22];
const REAL_TIME = Array.from({ length: 31 }, (_, index) => 34 + index);

/** The signals that this init says it forwards. */
function forwarded({ init }: Subject): number[] {
  switch (init.name) {
    case "supervise-init":
      return [...STANDARD, ...BACKGROUND, ...FAULTS, ...REAL_TIME];
    case "tini":
      return [...STANDARD, ...REAL_TIME];
    case "catatonit":
      // It ignores what stops.
      return [...STANDARD, ...REAL_TIME].filter((signal) => !STOPS.includes(signal));
    case "dumb-init":
      // It stops itself at TSTP, and knows no real-time signals.
      return [...STANDARD, ...FAULTS].filter((signal) => signal !== 20);
  }
}

interface Echoed {
  readonly pid: number;
  readonly parent: number;
  readonly lines: readonly string[];
}

function echo(it: Subject, how: "kill" | "queue", signals: readonly number[]): Echoed {
  const ended = it.run([program("echo-signals"), how, ...signals.map(String)]);
  const [first = "", ...rest] = ended.stdout.trimEnd().split("\n");
  match(first, /^pid/, ended.stderr);
  const [, pid, parent] = /pid (\d+) parent (\d+)/.exec(first) ?? [];
  equal(ended.code, 0);
  return { pid: Number(pid), parent: Number(parent), lines: rest };
}

conformance("forwarding of signals", "every signal that can be forwarded is forwarded", (it) => {
  const signals = forwarded(it);
  const { lines } = echo(it, "kill", signals);
  deepEqual(
    lines.map((line) => line.replace(/ code.*/, "")),
    signals.map((signal) => `${signal}: signal ${signal}`),
  );
});

conformance("signals 32 and 33", "the two signals that glibc hides are forwarded as well", (it) => {
  const { lines } = echo(it, "kill", [32, 33]);
  deepEqual(
    lines.map((line) => line.replace(/ code.*/, "")),
    ["32: signal 32", "33: signal 33"],
  );
});

conformance("values of queued signals", "a queued signal keeps its value and its sender", (it) => {
  const { pid, lines } = echo(it, "queue", [10, 12, 15, ...REAL_TIME]);
  // In a namespace that was made without any right one is root.
  const uid = it.mode === "pid-1" ? 0 : process.getuid?.();
  deepEqual(
    lines,
    [10, 12, 15, ...REAL_TIME].map(
      (n) => `${n}: signal ${n} code -1 value ${1000 * n + 7} from ${pid} uid ${uid}`,
    ),
  );
});

const [major = 0, minor = 0] = release().split(".").map(Number);
const oldKernel = major < 6 || (major === 6 && minor < 9) ? "needs Linux 6.9" : false;

conformance(
  "values of queued signals",
  "to a group as well a queued signal keeps its value and its sender",
  (it) => {
    const words = [program("echo-signals"), "queue", "10", "34"];
    const { stdout } = it.run(words, { asked: { group: true } });
    const [, pid] = /pid (\d+)/.exec(stdout) ?? [];
    match(stdout, new RegExp(`^10: .* code -1 value 10007 from ${pid} `, "m"));
    match(stdout, new RegExp(`^34: .* code -1 value 34007 from ${pid} `, "m"));
  },
  { skip: oldKernel },
);

conformance(
  "values of queued signals",
  "told to, it says what it forwards and who sent it",
  (it) => {
    const words = [program("echo-signals"), "kill", "10", "37"];
    const { stdout, stderr } = it.run(words, { asked: { own: ["-vv"] } });
    const [, pid] = /pid (\d+)/.exec(stdout) ?? [];
    match(stderr, new RegExp(`SIGUSR1.* sent by ${pid}\\b`));
    match(stderr, new RegExp(`SIGRTMIN\\+3.* sent by ${pid}\\b`));
  },
);

conformance(
  "signals before the first instruction",
  "signals that came before the first instruction reach the child",
  (it) => {
    const all = forwarded(it);
    for (const absent of [[CONT], STOPS]) {
      const signals = all.filter((signal) => !absent.includes(signal)).toSorted((a, b) => a - b);
      const rounds = Array.from({ length: 10 }, (_, index) => index + 1);
      deepEqual(
        it.runMany(1, rounds.length, [program("collect-signals"), String(signals.length)], {
          burst: signals,
        }),
        rounds.flatMap((round) => [`got ${signals.join(" ")}`, `${round} exit 0`]),
      );
    }
  },
);

conformance(
  "signals before the first instruction",
  "of a real-time signal every single one is forwarded",
  (it) => {
    const burst = Array.from({ length: 200 }, (_, index) => 40 + (index % 3));
    const [got] = it.runMany(1, 1, [program("collect-signals"), "200"], { burst });
    equal(got, `got ${burst.toSorted((a, b) => a - b).join(" ")}`);
  },
);

conformance(
  "forwarding of signals",
  "no signal is lost while a storm of orphans is being reaped",
  (it) => {
    const signals = Array.from({ length: 10 }, () => forwarded(it)).flat();
    const script = '"$0" endless 50; exec "$@"';
    const words = [program("echo-signals"), "kill", ...signals.map(String)];
    const { stdout } = it.run(["sh", "-c", script, program("make-orphans"), ...words]);
    deepEqual(
      stdout.match(/signal \d+/g)?.map((word) => Number(word.slice(7))),
      signals,
    );
  },
);

conformance(
  "signals before the first instruction",
  "a TERM at any moment of the start ends it, and the child with it",
  (it) => {
    // Before the first instruction nobody can keep it: then it has ended the process.
    const lines = it.runMany(1, 400, ["sleep", "50"], { soon: 15 });
    const others = lines.filter((line) => !/^\d+ (?:signal 15|exit 143)$/.test(line));
    deepEqual(others, []);
  },
  // The kernel keeps from PID 1 what it has not blocked yet.
  { modes: ["subreaper"] },
);
