import { deepEqual, equal, ok } from "node:assert/strict";
import { isAlive } from "@supervise/testkit";
import { conformance } from "./conformance.js";
import { program } from "./inits.js";

const KINDS = ["polite", "stubborn", "deaf", "session", "twice", "parent"];

conformance(
  "nothing left behind",
  "what the child leaves behind gets TERM, then the grace period, then KILL",
  (it) => {
    const ended = it.run([program("leave-behind")], { asked: { own: ["--grace", "100ms"] } });
    equal(ended.code, 5, ended.stderr);
    const lines = ended.stdout.trimEnd().split("\n");
    const stood = lines.filter((line) => /\d$/.test(line));
    deepEqual(stood.map((line) => line.split(" ")[0] ?? "").toSorted(), KINDS.toSorted());
    const told = lines
      .filter((line) => line.endsWith("got TERM"))
      .map((line) => line.split(" ")[0] ?? "");
    // The deaf one has asked not to be told.
    deepEqual(told.toSorted(), KINDS.filter((kind) => kind !== "deaf").toSorted());
    if (it.mode === "subreaper")
      deepEqual(stood.map((line) => Number(line.split(" ")[1])).filter(isAlive), []);
  },
);

conformance("nothing left behind", "a process that was stopped is ended as well", (it) => {
  const script = "sleep 60 & kill -STOP $!; echo $!; exit 6";
  const ended = it.run(["sh", "-c", script], { asked: { own: ["--grace", "100ms"] } });
  equal(ended.code, 6);
  ok(it.mode === "pid-1" || !isAlive(Number(ended.stdout)));
});

conformance("nothing left behind", "what forks on and on is ended", (it) => {
  const script = "(trap '' TERM; while :; do (sleep 60 &); done) >/dev/null & exit 6";
  const ended = it.run(["sh", "-c", script], { asked: { own: ["--grace", "50ms"] } });
  equal(ended.code, 6);
});
