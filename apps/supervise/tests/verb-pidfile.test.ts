import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import {
  inPidNamespace,
  isAlive,
  pidNamespaceSkip,
  start,
  temporaryDirectory,
} from "@supervise/testkit";
import { run } from "./cli-run.js";
import { COMMAND } from "./harness.js";
import { daemonRoom } from "./daemonize-harness.js";

const isRoot = process.getuid?.() === 0;
/** Larger than PID_MAX_LIMIT, so that it is nobody's. */
const NOBODY = 4_194_304;

interface Told {
  readonly file: string;
  readonly verdict: string;
  readonly pid: number | null;
  readonly removed: boolean;
  readonly process: {
    readonly command: string;
    readonly session: number;
    readonly parent: number;
  } | null;
  readonly lock: { readonly held: boolean; readonly holder: number | null } | null;
}

test("each verdict has its evidence, and only what is stale or reused is cleaned", async (t) => {
  const directory = temporaryDirectory(t);
  const at = (name: string): string => join(directory, name);
  const { pid } = start(t, "sleep", ["60"]);
  const old = Date.now() / 1_000 - 3_600;
  // Clocks are set: it is being written for nearly two seconds more than if it were written now.
  const soon = Date.now() / 1_000 + 1.9;
  const files: readonly (readonly [string, string, number | null])[] = [
    ["valid", `${pid}\n`, null],
    ["stale", `${NOBODY}\n`, null],
    ["reused", `${pid}\n`, old],
    ["malformed", "many\n", null],
    ["racing", "", soon],
  ];
  for (const [name, content, age] of files) {
    writeFileSync(at(name), content);
    if (age !== null) utimesSync(at(name), age, age);
  }
  symlinkSync(at("stale"), at("foreign"));
  const names = [...files.map(([name]) => name), "foreign", "absent"];

  const seen = await run(["pidfile", "--json", ...names], { workingDirectory: directory });
  equal(seen.code, 1);
  const told = JSON.parse(seen.out) as readonly Told[];
  deepEqual(
    told.map(({ verdict }) => verdict),
    names,
  );
  const [valid] = told;
  equal(valid?.process?.command, "sleep 60");
  equal(valid?.process?.session, pid);
  equal(valid?.process?.parent, process.pid);

  const cleaned = await run(["pidfile", "--clean", ...names], { workingDirectory: directory });
  equal(cleaned.code, 1);
  equal(cleaned.out.match(/^ {2}clean +removed$/gm)?.length, 2);
  deepEqual(
    names.filter((name) => existsSync(at(name))),
    ["valid", "malformed", "racing"],
  );
  ok(isAlive(pid));
  equal((await run(["pidfile", "--clean", at("valid")])).code, 0);
  const other = await run(["pidfile", "--executable", "/bin/false", at("valid")]);
  equal(other.code, 1);
  match(other.out, /its number \d+ was given out again, and runs "/);
});

test("a missing directory, a link to nothing and a second name are told apart from a file, and nothing is cleaned", async (t) => {
  const directory = temporaryDirectory(t);
  const at = (name: string): string => join(directory, name);
  symlinkSync(at("nothing"), at("link"));
  mkdirSync(at("open"));
  chmodSync(at("open"), 0o1777);
  writeFileSync(at("real"), `${NOBODY}\n`);
  linkSync(at("real"), at("open/linked"));
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["none/x.pid", "absent", /is not there, nor is its directory$/],
    ["real/x.pid", "absent", /is not there, nor is its directory$/],
    ["link", "foreign", /is not trusted: it is a symbolic link, not a file$/],
    ["open/linked", "foreign", /is not trusted: it has other names/],
  ];
  const words = cases.map(([name]) => at(name));
  const result = await run(["pidfile", "--json", "--clean", ...words]);
  equal(result.code, 1);
  const told = JSON.parse(result.out) as readonly (Told & { readonly why: string })[];
  for (const [index, [, verdict, why]] of cases.entries()) {
    equal(told[index]?.verdict, verdict);
    match(told[index]?.why ?? "", why);
    equal(told[index]?.removed, false);
  }
  ok(existsSync(at("open/linked")));
});

test("the lock beside a pidfile is evidence, and its note decides who is meant", async (t) => {
  const room = daemonRoom(t);
  const pid = await room.daemon(["sleep", "60"]);
  const [report] = JSON.parse(
    (await run(["pidfile", "--json", room.pidfile])).out,
  ) as readonly Told[];
  equal(report?.verdict, "valid");
  deepEqual({ ...report?.lock }, { file: room.lockfile, held: true, holder: pid });
  // The number in the note is right, and the process another.
  await room.run("--stop", "--pidfile", room.pidfile);
  const stranger = start(t, "sleep", ["60"]);
  writeFileSync(room.pidfile, `${stranger.pid}\n`);
  writeFileSync(
    room.lockfile,
    readFileSync(room.lockfile, "utf8").replace(/^\d+/, String(stranger.pid)),
  );
  const reused = await run(["pidfile", room.pidfile]);
  equal(reused.code, 1);
  match(reused.out, /which started at another time than the one on record/);
});

test("what is no file is not opened, and a stranger's not believed", async (t) => {
  const directory = temporaryDirectory(t);
  const fifo = join(directory, "fifo");
  spawnSync("mkfifo", [fifo]);
  for (const [path, why] of [
    [fifo, "is a FIFO"],
    [directory, "is a directory"],
    ["/dev/null", "is a device"],
  ] as const) {
    const result = await run(["pidfile", "--clean", path]);
    equal(result.code, 1);
    match(result.out, new RegExp(`is not trusted: it ${why}, not a file`));
  }
  equal((await run(["pidfile"])).code, 64);
  if (!isRoot) return;
  const open = join(directory, "open");
  mkdirSync(open);
  chmodSync(open, 0o1777);
  const theirs = join(open, "x.pid");
  writeFileSync(theirs, `${NOBODY}\n`);
  spawnSync("chown", ["65534", theirs]);
  const result = await run(["pidfile", "--clean", theirs]);
  match(result.out, /belongs to user 65534 and lies in a directory that anybody may write to/);
  ok(existsSync(theirs));
});

test(
  "a number that is given out again where there are only 400 is not the daemon's",
  { skip: pidNamespaceSkip() },
  async (t) => {
    const program = fileURLToPath(new URL("programs/reuse-daemon.js", import.meta.url));
    const inside = inPidNamespace(t, [process.execPath, program, COMMAND, temporaryDirectory(t)]);
    const log = (): string => [...inside.stdout.all, ...inside.stderr.all].join("\n");
    const [, kind, text] = await inside.stdout.match(/^(skipped|verdicts): (.*)$/, {
      log,
      deadlineMs: 60_000,
    });
    if (kind === "skipped") {
      t.skip(text);
      return;
    }
    deepEqual(JSON.parse(text ?? ""), {
      stopped: 0,
      verdict: "reused",
      status: 1,
      strangerLives: true,
      startedAgain: 0,
    });
  },
);
