import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startKeeper } from "./keeper-harness.js";
import type { Kept } from "./keeper-harness.js";
import { OWN_PATH, program } from "./inits.js";

async function assertEnds(kept: Kept, code: number): Promise<void> {
  await kept.tell(`finished ${code} a reason`);
  kept.tellLast("exit 0");
  assert.deepEqual(await kept.exit(), { code, signal: null });
}

const SCARCITIES = {
  "a stderr that is full": "exec 2>/dev/full",
  "a stderr that nobody reads":
    "mkfifo f; exec 3<>f; dd if=/dev/zero bs=65536 count=1 >&3 2>/dev/null; exec 2>&3 3>&-",
  "a closed stderr": "exec 2>&-",
  "an empty environment but for two names":
    'exec env -i SUPERVISE_NODE="$SUPERVISE_NODE" SUPERVISE_COMMAND="$SUPERVISE_COMMAND" "$@"',
  "sixty-four open files": "ulimit -n 64",
  "SIGCHLD ignored": "trap '' CHLD",
  "no new privileges and no capability":
    'exec setpriv --no-new-privs --bounding-set -all --inh-caps -all "$@"',
};

for (const [what, first] of Object.entries(SCARCITIES)) {
  test(`with ${what} the keeper works`, async (t) => {
    const kept = startKeeper(t, { first });
    await kept.begun();
    await kept.tell("ready");
    // More complaints than a pipe holds would be needed to notice one that waits: but one is enough for a full pipe.
    await kept.tell("raw 00");
    kept.tellLast("spawn 5");
    await kept.said.match(/^exit 1 \d+ 1 5 whole$/);
    kept.tellLast("kill 9");
    await kept.begun();
    await assertEnds(kept, 3);
  });
}

test("Node and the program are found beside the init, through a symbolic link to it", async (t) => {
  // The first keeper only lends its folder.
  const lender = startKeeper(t);
  const bin = join(lender.folder, "prefix/bin");
  const lib = join(lender.folder, "prefix/lib/supervise/bin");
  mkdirSync(bin, { recursive: true });
  mkdirSync(lib, { recursive: true });
  copyFileSync(OWN_PATH, join(bin, "supervise-init"));
  copyFileSync(program("keeper-supervisor"), join(bin, "node"));
  writeFileSync(join(lib, "supervise.js"), "");
  symlinkSync(join(bin, "supervise-init"), join(lender.folder, "init"));
  const kept = startKeeper(t, {
    env: { SUPERVISE_NODE: undefined, SUPERVISE_COMMAND: undefined, PATH: "/nowhere" },
    first: `exec ${join(lender.folder, "init")} up`,
  });
  await kept.begun();
  await assertEnds(kept, 2);
});

test("a supervisor that is missing for its next start is tried again, and given up after six times", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("ready");
  unlinkSync(join(kept.folder, "supervise.js"));
  kept.tellLast("kill 9");
  await kept.stderr.match(/named by SUPERVISE_COMMAND: no such file or directory \(ENOENT\)$/);
  writeFileSync(join(kept.folder, "supervise.js"), "");
  await kept.begun();
  unlinkSync(join(kept.folder, "supervise.js"));
  kept.tellLast("kill 9");
  assert.deepEqual(await kept.exit(), { code: 70, signal: null });
  assert.equal(
    (await kept.stderr.rest()).at(-1),
    "supervise-init: the supervisor could not be started anew",
  );
});
