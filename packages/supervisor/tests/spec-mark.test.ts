import { equal, match, notEqual } from "node:assert/strict";
import { test } from "node:test";
import type { ServiceSpec } from "@supervise/model";
import { specMark } from "#supervisor/spec-mark.js";

const PROCESS = {
  command: { kind: "words", words: ["sleep", "60"] },
  environment: { A: "1", B: "2" },
  user: null,
  groupAdd: [],
  umask: 0,
  tty: false,
};

function mark(process: object = {}, more: object = {}): string {
  const spec = { type: "service", ready: null, watchdogMs: null, pidfile: null, ...more };
  return specMark({ ...spec, process: { ...PROCESS, ...process } } as unknown as ServiceSpec);
}

test("the same specs have the same mark, in whatever order their words stand", () => {
  const reversed = Object.fromEntries(Object.entries(PROCESS).toReversed());
  const spec = { pidfile: null, type: "service", process: reversed, ready: null };
  equal(specMark(spec as unknown as ServiceSpec), mark());
  equal(mark({ environment: { B: "2", A: "1" } }), mark());
  match(mark(), /^[0-9a-f]{16}$/);
});

test("each word for which a process would have to be started anew has another mark", () => {
  const marks = [
    mark(),
    mark({ command: { kind: "words", words: ["sleep", "61"] } }),
    mark({ environment: { A: "2", B: "1" } }),
    mark({ environment: { A: "1" } }),
    mark({ user: "1" }),
    mark({ groupAdd: ["1"] }),
    mark({ umask: 18 }),
    mark({ umask: null }),
    mark({ tty: true }),
    mark({}, { type: "forking" }),
    mark({}, { pidfile: "it.pid" }),
    mark({}, { watchdogMs: 1 }),
    mark({}, { ready: { check: { kind: "notify" } } }),
  ];
  equal(new Set(marks).size, marks.length);
});

test("a word that says nothing is as none, and a change of where a word ends is a change", () => {
  equal(mark({ tty: false, groupAdd: [] }), mark({ groupAdd: [], umask: 0 }));
  notEqual(mark({ user: "a", workingDirectory: "b" }), mark({ user: "a,b", workingDirectory: "" }));
});
