import { equal, match } from "node:assert/strict";
import { conformance } from "./conformance.js";
import { program } from "./inits.js";
import { NOBODY, needsRoot, openCopies } from "./other-user.js";

const shell = (script: string): string[] => ["sh", "-c", `${script}; exec "$@"`, "sh"];
/** In a mount namespace of its own; as PID 1 there is one already, but one more does no harm. */
const mounted = (script: string): string[] => ["unshare", "--mount", ...shell(script)];

/** What may be lacking, with the words that take it away. */
const POOR: Readonly<Record<string, readonly string[]>> = {
  "64 descriptors": shell("ulimit -n 64"),
  "8 descriptors": shell("ulimit -n 8"),
  "an empty environment": ["/usr/bin/env", "-i"],
  "no-new-privileges": ["setpriv", "--no-new-privs"],
  "a full device as standard error": shell("exec 2>/dev/full"),
  "a pipe without a reader as standard error": shell("exec 2>&1 | :"),
};

const POOR_AS_ROOT: Readonly<Record<string, readonly string[]>> = {
  "a read-only root": mounted("mount -o remount,bind,ro /"),
  "no /proc": mounted("umount -l /proc"),
  "no capability": [
    "setpriv",
    "--bounding-set=-all",
    "--inh-caps=-all",
    "--ambient-caps=-all",
    "--securebits=+noroot,+noroot_locked",
  ],
};

for (const [what, through] of Object.entries(POOR))
  conformance("few resources", `it works with ${what}`, (it) => {
    equal(it.run([program("end-with"), "exit", "42"], { through }).code, 42);
  });

for (const [what, through] of Object.entries(POOR_AS_ROOT))
  conformance(
    "few resources",
    `it works with ${what}`,
    (it) => {
      equal(it.run([program("end-with"), "exit", "42"], { through }).code, 42);
      equal(it.run([program("end-with"), "signal", "9"], { through }).code, 137);
    },
    { skip: needsRoot },
  );

conformance(
  "few resources",
  "it works as any user",
  (it, t) => {
    const { subject: open, end } = openCopies(t, it);
    equal(open.run([end, "exit", "42"], { through: NOBODY, cwd: "/" }).code, 42);
  },
  { skip: needsRoot },
);

conformance(
  "a child that may not be signalled",
  "a child that it may not signal is waited for",
  (it, t) => {
    const { subject: open, startAs } = openCopies(t, it);
    // The child has become root, and its parent sends itself a signal that it can't forward.
    const script = "kill -USR1 $PPID; kill -TERM $PPID; exit 42";
    const ended = open.run([startAs, "uid=0", "--", "/bin/sh", "-c", script], {
      through: NOBODY,
      cwd: "/",
    });
    equal(ended.code, 42, ended.stderr);
  },
  { skip: needsRoot },
);

conformance(
  "a standard error that nobody reads",
  "a message that nobody can read stops nothing",
  (it) => {
    for (const through of [
      [program("start-as"), "full=2", "--"],
      shell("exec 2>/dev/full"),
      shell("exec 2>&-"),
    ])
      equal(it.run(["/nowhere"], { through }).code, 127);
    // Verbose, and nobody reads: far more than a pipe holds.
    const ended = it.run([program("make-orphans"), "storm", "2000"], {
      through: [program("start-as"), "full=2", "--"],
      asked: { own: ["-vv", "-w"] },
    });
    equal(ended.stdout, "left none\n");
    equal(ended.code, 7);
  },
);

conformance(
  "a standard error that nobody reads",
  "what is said goes to standard error alone",
  (it) => {
    const ended = it.run([program("make-orphans"), "storm", "10"], {
      asked: { own: ["-vv", "-w"] },
    });
    equal(ended.stdout, "left none\n");
    match(ended.stderr, /^supervise-init: /);
  },
);
