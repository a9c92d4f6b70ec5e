import { deepEqual, equal } from "node:assert/strict";
import { conformance } from "./conformance.js";
import { CONT, STOPS, forwarded } from "./forwardable.js";
import { program } from "./inits.js";

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
