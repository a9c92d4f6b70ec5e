import { deepEqual, equal, match, ok } from "node:assert/strict";
import { isAlive } from "@supervise/testkit";
import { conformance } from "./conformance.js";
import { program } from "./inits.js";
import { NOBODY, needsRoot, openCopies } from "./other-user.js";

/** On a busy machine too six processes say within it that they got TERM. */
const GRACE = ["--grace", "1s"];

const KINDS = ["polite", "stubborn", "deaf", "session", "twice", "parent"];

conformance(
  "nothing left behind",
  "what the child leaves behind gets TERM, then the grace period, then KILL",
  (it) => {
    const ended = it.run([program("leave-behind")], { asked: { own: GRACE } });
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

const NO_PROC = ["unshare", "--mount", "sh", "-c", 'umount -l /proc; exec "$@"', "sh"];

conformance(
  "nothing left behind",
  "without /proc it ends what is left as well",
  (it) => {
    const ended = it.run([program("leave-behind")], { asked: { own: GRACE }, through: NO_PROC });
    equal(ended.code, 5, ended.stderr);
    equal(ended.stdout.match(/got TERM/g)?.length, KINDS.length - 1, ended.stdout);
    const stood = [...ended.stdout.matchAll(/^\w+ (\d+)$/gm)].map((found) => Number(found[1]));
    if (it.mode === "subreaper") deepEqual(stood.filter(isAlive), []);
  },
  { skip: needsRoot },
);

conformance(
  "nothing left behind",
  "what may not be signalled is named and not waited for",
  (it, t) => {
    const open = openCopies(t, it);
    // It has become root, and has let go of the pipe that the run's end is told by.
    const script = `"$0" uid=0 -- /bin/sleep 60 >/dev/null 2>&1 & echo $!; until grep -q 'Uid:.0.0' /proc/$!/status; do :; done; exit 6`;
    const ended = open.subject.run(["sh", "-c", script, open.startAs], {
      through: NOBODY,
      cwd: "/",
    });
    equal(ended.code, 6, ended.stderr);
    if (it.mode === "pid-1") return;
    const pid = Number(ended.stdout);
    match(ended.stderr, new RegExp(`^supervise-init: cannot .* \\(EPERM\\) \\(pid ${pid}\\)\n$`));
    process.kill(pid, "SIGKILL");
  },
  { skip: needsRoot },
);
