import { deepEqual } from "node:assert/strict";
import { constants } from "node:os";
import { conformance } from "./conformance.js";
import { program } from "./inits.js";

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

const { SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU } =
  constants.signals;
const HARMLESS = new Set([SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU]);

conformance("exit codes", "every exit code is passed on", (it) => {
  deepEqual(
    it.runMany(0, 255, [program("end-with"), "exit", "{}"]),
    range(0, 255).map((code) => `${code} exit ${code}`),
  );
});

conformance("codes of ending signals", "an end by signal n becomes exit code 128 + n", (it) => {
  const expected = (signal: number): string =>
    `${signal} exit ${HARMLESS.has(signal) ? 99 : 128 + signal}`;
  const parts = [
    // What the stopping ones do is a matter of terminals.
    [1, SIGSTOP - 1],
    [SIGTTOU + 1, 64],
  ] as const;
  for (const [first, last] of parts)
    deepEqual(
      it.runMany(first, last, [program("end-with"), "signal", "{}"]),
      range(first, last).map(expected),
    );
});
