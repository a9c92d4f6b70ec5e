import { deepEqual, equal, match } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { pidNamespaceCommand, temporaryDirectory } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { conformance, runToEnd } from "./conformance.js";
import type { Subject } from "./conformance.js";
import { program } from "./inits.js";

/** Gives descriptors, limits, a directory and a umask that nobody has by chance, then goes on with the words after it. */
const SURROUNDINGS = `
  umask 027; ulimit -n 300; ulimit -s 4096; ulimit -c 0
  exec <in >>out 2>>err 5<in 9>>ninth; head -c 5 <&5 >/dev/null; cd /usr
  exec "$@"`;

/** The facts of a start: alone, and under the init. */
function bothStarts(
  t: TestScope,
  it: Subject,
  how: readonly string[],
  args: readonly string[] = [],
  script = SURROUNDINGS,
): { alone: string[]; under: string[] } {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, "in"), "some input\n");
  const start = ["sh", "-c", script, "sh", program("start-as"), ...how, "--"];
  const facts = (words: readonly string[]): string[] => {
    for (const name of ["out", "err", "ninth"]) writeFileSync(join(directory, name), "");
    const ended = runToEnd(
      it.mode === "pid-1" ? pidNamespaceCommand([...start, ...words]) : [...start, ...words],
      { cwd: directory },
    );
    equal(ended.code, 0, ended.stderr + readFileSync(join(directory, "err"), "utf8"));
    // A parent-death signal is not inherited; --kill-child of unshare(1) sets one for PID 1.
    return `${readFileSync(join(directory, "out"), "latin1")}${readFileSync(join(directory, "ninth"), "latin1")}`
      .split("\n")
      .filter((line) => !line.startsWith("death signal"));
  };
  const command = [program("describe"), ...args];
  return { alone: facts(command), under: facts(it.words(command)) };
}

const ODD_WORDS = ["", "0", "%ff%fe", "two words", "--", "-v", "%C3", "new%0aline", "%e2%82%ac"];
const ODD_VARIABLES = [
  "env=A=1",
  "env=BYTES=%80%ff",
  "env=EMPTY=",
  "env=no equals sign",
  "env==",
  "env=A=2",
];

conformance(
  "an untouched child",
  "the child starts with what the init was started with: arguments and variables of any bytes, directory, umask, limits, descriptors, signals",
  (it, t) => {
    // Without these a program of the C library would look for its own words in the environment.
    const how = [...ODD_VARIABLES, "block=10", "block=40", "ignore=1", "ignore=35"];
    const { alone, under } = bothStarts(t, it, how, ["0", ...ODD_WORDS]);
    deepEqual(under, alone);
    match(under.join("\n"), /argument fffe\n/);
  },
);

conformance(
  "inherited signal dispositions",
  "every signal that was ignored or blocked at the start of the init is so for the child, and no other",
  (it, t) => {
    const ignored = [1, 2, 3, 13, 15, 20, 28, 34, 64].map((signal) => `ignore=${signal}`);
    for (const how of [ignored, ["block=all"], []]) {
      const { alone, under } = bothStarts(t, it, how);
      const signals = (lines: string[]): string[] => lines.filter((line) => line.includes("Sig"));
      equal(signals(alone).length, 4);
      deepEqual(signals(under), signals(alone));
    }
  },
);

conformance(
  "closed descriptors",
  "each of the descriptors 0, 1 and 2 that was closed stays closed, in all eight combinations",
  (it, t) => {
    for (let combination = 0; combination < 8; combination++) {
      const closed = [0, 1, 2].filter((fd) => combination & (1 << fd)).map((fd) => `close=${fd}`);
      const { alone, under } = bothStarts(t, it, closed, ["9"]);
      const descriptors = (lines: string[]): string[] =>
        lines.filter((line) => line.startsWith("descriptor"));
      deepEqual(descriptors(under), descriptors(alone));
      equal(
        descriptors(under).filter((line) => /descriptor [012] /.test(line)).length,
        3 - closed.length,
      );
    }
  },
);

conformance("untouched streams", "fifty megabytes pass through cat unchanged", (it, t) => {
  const directory = temporaryDirectory(t);
  const bytes = Buffer.alloc(50 << 20, randomBytes(1_048_573));
  const file = join(directory, "bytes");
  writeFileSync(file, bytes);
  const ended = runToEnd(["sh", "-c", 'cat "$0" | "$@" | sha256sum', file, ...it.command(["cat"])]);
  equal(ended.stdout.slice(0, 64), createHash("sha256").update(bytes).digest("hex"));
});

conformance(
  "untouched streams",
  "what is non-blocking stays so, and what blocks stays so",
  (it, t) => {
    const directory = temporaryDirectory(t);
    const flags = (command: readonly string[]): string[] =>
      runToEnd(
        // The two ends of a socket pair share nothing; dd sets O_NONBLOCK on its stdin, which the next program then finds there.
        [
          "sh",
          "-c",
          'dd iflag=nonblock count=0 status=none; "$@" 9>facts; cat facts',
          "sh",
          ...command,
        ],
        { cwd: directory },
      )
        .stdout.split("\n")
        .filter((line) => line.startsWith("descriptor"))
        .map((line) => line.replace(/inode.*/, ""));
    const describe = [program("describe"), "9"];
    const alone = flags(it.mode === "pid-1" ? pidNamespaceCommand(describe) : describe);
    deepEqual(flags(it.command(describe)), alone);
  },
);
