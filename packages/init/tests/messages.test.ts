import { deepEqual, equal, match } from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@supervise/testkit";
import { conformance } from "./conformance.js";

conformance(
  "missing and forbidden commands",
  "a command that is not there is 127, with a message",
  (it) => {
    for (const command of ["/nowhere/at all", "supervise-nowhere"]) {
      const ended = it.run([command], { env: { PATH: "/usr/bin:/bin" } });
      equal(ended.code, 127);
      equal(ended.stdout, "");
      equal(ended.stderr.trimEnd().split("\n").length, 1);
      match(
        ended.stderr,
        it.init.name === "supervise-init"
          ? /^supervise-init: cannot .*\(ENOENT\)\n$/
          : /No such file/,
      );
    }
  },
);

conformance(
  "missing and forbidden commands",
  "a command that may not be executed is 126, with a message",
  (it, t) => {
    const directory = temporaryDirectory(t);
    const file = join(directory, "plain");
    writeFileSync(file, "#!/bin/sh\nexit 3\n");
    chmodSync(file, 0o644);
    mkdirSync(join(directory, "folder"));
    for (const command of [file, join(directory, "folder")]) {
      const ended = it.run([command]);
      equal(ended.code, 126);
      equal(ended.stdout, "");
      match(
        ended.stderr,
        it.init.name === "supervise-init"
          ? /^supervise-init: cannot .*\(EACCES\)\n$/
          : /Permission denied/,
      );
    }
  },
);

conformance(
  "exit codes",
  "a command is looked for in the PATH, and a script needs no first line",
  (it, t) => {
    const directory = temporaryDirectory(t);
    writeFileSync(join(directory, "found"), 'exit "$1"\n');
    chmodSync(join(directory, "found"), 0o755);
    deepEqual(it.run(["found", "33"], { env: { PATH: `${directory}:/usr/bin:/bin` } }).code, 33);
  },
);
