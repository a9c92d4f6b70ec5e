import { equal, match, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createKernel, errnoNumber } from "@supervise/sys";
import { temporaryDirectory } from "@supervise/testkit";
import { claimPlace } from "#supervise/up/claim-place.js";

/** The lock is another's for so many tries; the number in its file is `holder`'s. */
function claim(t: TestContext, holder: number, heldFor: number) {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, "lock"), `${holder}\n`);
  const real = createKernel();
  let tries = 0;
  const kernel = {
    ...real,
    lock: (fd: number) => ((tries += 1) <= heldFor ? (errnoNumber("EAGAIN") ?? 0) : real.lock(fd)),
  };
  const place = claimPlace({
    kernel,
    configuration: { name: "shop" },
    requestedDirectory: directory,
    environment: {},
  });
  return { place, tries: () => tries };
}

test("the lock of a holder that is dead is waited for until its last thread is gone", async (t) => {
  const { pid } = spawnSync("true");
  const { place, tries } = claim(t, pid, 3);
  const got = await place;
  ok("lock" in got && got.lock !== null);
  equal(tries(), 4);
  got.release();
});

test("the lock of a holder that lives is not waited for", async (t) => {
  const { place, tries } = claim(t, process.pid, 3);
  const got = await place;
  ok("message" in got);
  match(got.message, new RegExp(`supervised already by pid ${process.pid}$`));
  equal(tries(), 1);
});
