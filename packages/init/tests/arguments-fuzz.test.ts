import { equal, ok } from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "@supervise/testkit";
import { runToEnd } from "./conformance.js";
import { OWN_PATH, program } from "./inits.js";
import { randomSource } from "./keeper-random.js";

const ROUNDS = 1_000;
/** A run of the fuzzer is told by its seed; SUPERVISE_FUZZ_SEED repeats one. */
const SEED = Number(process.env["SUPERVISE_FUZZ_SEED"] ?? (Date.now() % 1_000_000) + 1);

/** What an option of any of the three command lines may look like, and what it may not. */
const PIECES = [
  ..."-g -c -s -w -v -vv -h -V -l -z - -- -e -p -r -sgv -e143 -r15:3 -pTERM".split(" "),
  ..."--group --single-child --subreaper --warn-on-reap --verbose --help --version --license".split(
    " ",
  ),
  ..."--rewrite --kill-after --grace --remap-exit --exit-as-success --parent-death --grace= --group=1".split(
    " ",
  ),
  ..."--rewrite=15:3 --kill-after=10s --grace=1m30s --remap-exit=143:0 --parent-death=RTMIN+3 --gr".split(
    " ",
  ),
  ..."15:3 TERM:QUIT 15: :3 15:0 65:1 0:1 9:1 15:3:4 SIGTERM RTMIN+99 SIGRTMAX-1 -1 0 256 143:0 1:999".split(
    " ",
  ),
  ..."10s 0s 500ms 99999999999999999999s -5s 1e3s 1m30s s ms 9223372036854775807ms true false".split(
    " ",
  ),
  "",
  "%00",
  "%ff%fe",
  "%e2%82%ac",
  "a".repeat(5_000),
];

/** 64 and 1: wrong usage, under its own and under borrowed names; 111: start-as could not execute it. */
const DOCUMENTED = new Set([0, 1, 64, 126, 127]);

test("no argument whatever crashes it or makes it hang", (t) => {
  t.diagnostic(`seed ${SEED}`);
  const random = randomSource(SEED);
  // No other program is to be found: any word may come to stand where the command stands.
  const folder = temporaryDirectory(t);
  symlinkSync("/bin/true", join(folder, "true"));
  const piece = (): string => {
    if (random(4) > 0) return PIECES[random(PIECES.length)] ?? "";
    return Array.from(
      { length: random(12) },
      () => `%${(1 + random(255)).toString(16).padStart(2, "0")}`,
    ).join("");
  };
  const codes = new Map<number | null, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const words = Array.from({ length: random(7) }, piece);
    // "up" would begin the keeper's work, which is another role's.
    const args = [...words.filter((word) => word !== "up"), ...(random(2) ? ["--", "true"] : [])];
    const names = ["supervise-init", "tini", "dumb-init", "docker-init", ""];
    const argv0 = `argv0=${names[random(names.length)]}`;
    const ended = runToEnd([
      program("start-as"),
      argv0,
      `env=PATH=${folder}`,
      "--",
      OWN_PATH,
      ...args,
    ]);
    const told = `seed ${SEED}, round ${round}: ${argv0} ${JSON.stringify(args)}: ${ended.stderr}`;
    equal(ended.signal, null, told);
    ok(ended.code !== null && DOCUMENTED.has(ended.code), `exit code ${ended.code}: ${told}`);
    ok(!/[\x00-\x08\x0b-\x1f\x7f]/.test(ended.stderr), `a control character in a message: ${told}`);
    codes.set(ended.code, (codes.get(ended.code) ?? 0) + 1);
  }
  t.diagnostic(`exit codes: ${[...codes].map(([code, count]) => `${code}: ${count}`).join(", ")}`);
});
