import { equal, match } from "node:assert/strict";
import { conformance } from "./conformance.js";
import { program } from "./inits.js";

conformance(
  "no growth",
  "tens of thousands of reaped orphans leave no trace in its memory and its descriptors",
  (it) => {
    // The first thousand warm up what the kernel maps at the first use.
    const count = it.init.name === "supervise-init" ? 100_000 : 10_000;
    // Of the program's own pages, in VmRSS, the kernel maps as many as it likes.
    const script = `
      look() { grep -E '^Vm(Data|Stk)|^FDSize' /proc/$PPID/status; grep ^Anonymous: /proc/$PPID/smaps_rollup; ls /proc/$PPID/fd; }
      makes() { "$0" dead "$1" >/dev/null 2>&1; }
      makes 1000; look; echo ----; makes ${count}; look`;
    const ended = it.run(["sh", "-c", script, program("make-orphans")]);
    const [before, after] = ended.stdout.split("----\n");
    match(before ?? "", /^Anonymous:\s+\d+ kB$/m, ended.stderr);
    equal(after, before);
  },
);
