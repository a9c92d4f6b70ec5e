import { deepEqual, equal, match } from "node:assert/strict";
import { release } from "node:os";
import { conformance } from "./conformance.js";
import type { Subject } from "./conformance.js";
import { REAL_TIME, forwarded } from "./forwardable.js";
import { program } from "./inits.js";

interface Echoed {
  readonly pid: number;
  readonly lines: readonly string[];
}

function echo(it: Subject, how: "kill" | "queue", signals: readonly number[]): Echoed {
  const ended = it.run([program("echo-signals"), how, ...signals.map(String)]);
  const [first = "", ...rest] = ended.stdout.trimEnd().split("\n");
  match(first, /^pid/, ended.stderr);
  const [, pid] = /pid (\d+)/.exec(first) ?? [];
  equal(ended.code, 0);
  return { pid: Number(pid), lines: rest };
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
