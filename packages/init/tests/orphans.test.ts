import { deepEqual, equal } from "node:assert/strict";
import { conformance } from "./conformance.js";
import type { Subject } from "./conformance.js";
import { program } from "./inits.js";

function makeOrphans(it: Subject, how: string, count: number): void {
  const ended = it.run([program("make-orphans"), how, String(count)]);
  deepEqual([ended.stdout, ended.code], ["left none\n", 7], ended.stderr);
}

/** What was measured on the peers often enough needs no repetition in full. */
const many = ({ init }: Subject): number => (init.name === "supervise-init" ? 10_000 : 2_000);

conformance("reaping", "of thousands of orphans none is left", (it) =>
  makeOrphans(it, "storm", many(it)),
);

conformance("reaping", "of thousands of orphans adopted dead none is left", (it) =>
  makeOrphans(it, "dead", many(it)),
);

conformance("reaping", "of a chain of three hundred orphans none is left", (it) =>
  makeOrphans(it, "chain", 300),
);

conformance(
  "an end amid orphans",
  "the exit code is right while a storm of orphans goes on",
  (it) => {
    for (let round = 0; round < 3; round++)
      equal(it.run([program("make-orphans"), "endless", "100"]).code, 7);
  },
);

conformance(
  "SIGCHLD ignored at start",
  "with SIGCHLD ignored at the start the exit code is right and orphans are reaped",
  (it) => {
    const through = [program("start-as"), "ignore=17", "--"];
    equal(it.run([program("end-with"), "exit", "42"], { through }).code, 42);
    if (it.init.name === "dumb-init") return;
    const ended = it.run([program("make-orphans"), "storm", "100"], { through });
    equal(ended.stdout, "left none\n");
  },
);

conformance(
  "closed descriptors",
  "the exit code is right with 0, 1 and 2 closed, in all eight combinations",
  (it) => {
    for (let combination = 0; combination < 8; combination++) {
      const closed = [0, 1, 2].filter((fd) => combination & (1 << fd)).map((fd) => `close=${fd}`);
      const through = [program("start-as"), ...closed, "--"];
      equal(it.run([program("end-with"), "exit", "42"], { through }).code, 42);
    }
  },
);
