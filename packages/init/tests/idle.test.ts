import { equal, match } from "node:assert/strict";
import { conformance } from "./conformance.js";

conformance("no idle wake-up", "while nothing happens it does not wake up", (it) => {
  // More than a second, for programs that wake up once a second. The looks start no process, and the first comes once it waits.
  const look =
    'while read -r key value; do case $key in *ctxt*) echo "$key $value";; esac; done </proc/$PPID/status';
  const asleep = 'until read -r _ _ state _ </proc/$PPID/stat && [ "$state" = S ]; do :; done';
  const ended = it.run(["sh", "-c", `${asleep}; ${look}; sleep 1.2; ${look}`]);
  const [first, , second] = ended.stdout.trimEnd().split("\n");
  match(first ?? "", /^voluntary_ctxt_switches: \d+$/);
  equal(second, first);
});
