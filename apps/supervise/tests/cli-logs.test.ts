import { deepEqual, equal, match } from "node:assert/strict";
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { temporaryDirectory } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { run } from "./cli-run.js";
import type { Ran } from "./cli-run.js";

/** A project whose supervisor does not run: "web" and "db" have files, "none" has none. */
function room(t: TestScope): {
  readonly directory: string;
  logs(...words: string[]): Promise<Ran>;
} {
  const directory = temporaryDirectory(t);
  const command = ["sleep", "60"];
  const logging = (path: string) => ({ driver: "file", options: { path } });
  const services = {
    web: { command, logging: logging("logs/web.log") },
    db: { command, logging: logging("logs/db.log") },
    own: { command, logging: { driver: "direct", options: { path: "logs/own.log" } } },
    none: { command },
  };
  writeFileSync(join(directory, "supervise.yaml"), JSON.stringify({ name: "shop", services }));
  mkdirSync(join(directory, "logs"));
  const environment = { XDG_RUNTIME_DIR: directory };
  return {
    directory,
    logs: (...words) =>
      run(["--runtime-dir", "run", "logs", ...words], { workingDirectory: directory, environment }),
  };
}

const time = (second: number): string =>
  `2026-01-02T03:04:${String(second).padStart(2, "0")}.000000Z`;

const webRows = [
  `${time(1)} web - begin run 1, pid 10`,
  `${time(2)} web 1 out one`,
  `${time(4)} web 2 err ERROR two`,
  `${time(5)} web - end run 1 exited with code 1`,
  `${time(6)} web - begin run 2, pid 11`,
  `${time(8)} web 3 out {"level":40,"msg":"three","port":80}`,
  `${time(9)} web 4 gap 2 lines lost: no space left on device (ENOSPC)`,
  `${time(10)} web 6 out six`,
];

const dbRows = [`${time(3)} db 1 out up`, `${time(7)} db 2 out query`];

/** Of these rows in a file. */
const bytes = (some: readonly string[]): number => some.join("\n").length + 1;

function fill({ directory }: { readonly directory: string }): void {
  const web = join(directory, "logs/web.log");
  const text = (rows: readonly string[]): string => rows.map((row) => `${row}\n`).join("");
  writeFileSync(`${web}.20260102T030404.000000Z.gz`, gzipSync(text(webRows.slice(0, 3))));
  writeFileSync(web, text(webRows.slice(3)));
  writeFileSync(join(directory, "logs/db.log"), text(dbRows));
}

const rows: readonly (readonly [rule: string, words: readonly string[], out: string])[] = [
  [
    "services are merged by time, and where runs begin and end stands between their lines",
    ["web", "db"],
    "web = run 1, pid 10\nweb | one\ndb  | up\nweb | ERROR two\nweb = run 1 exited with code 1\nweb = run 2, pid 11\ndb  | query\n" +
      'web | {"level":40,"msg":"three","port":80}\nweb = 2 lines lost: no space left on device (ENOSPC)\nweb | six\n',
  ],
  ["the last lines of each", ["-n", "1", "web", "db"], "db  | query\nweb | six\n"],
  ["no line at all", ["-n", "0", "web"], ""],
  [
    "without prefix there are lines alone",
    ["--no-prefix", "-n", "2", "web"],
    '{"level":40,"msg":"three","port":80}\nsix\n',
  ],
  [
    "a time",
    ["--since", "2026-01-02T03:04:03Z", "--until", "2026-01-02T03:04:04Z", "web", "db"],
    "db  | up\nweb | ERROR two\n",
  ],
  [
    "a pattern, capitals or not",
    ["--grep", "ERR|SIX", "-i", "--no-prefix", "web"],
    "ERROR two\nsix\n",
  ],
  [
    "what a pattern does not match",
    ["--grep", "e", "-v", "--no-prefix", "-n", "5", "web"],
    "ERROR two\nsix\n",
  ],
  [
    "a severity",
    ["--level", "warn", "--no-prefix", "web"],
    'ERROR two\n{"level":40,"msg":"three","port":80}\n',
  ],
  ["a stream", ["--stream", "stderr", "--no-prefix", "web"], "ERROR two\n"],
  ["a run", ["--run", "1", "--no-prefix", "web"], "one\nERROR two\n"],
  [
    "the run before the newest",
    ["--previous", "-n", "1", "web"],
    "web | ERROR two\nweb = run 1 exited with code 1\n",
  ],
  ["a run that is not there", ["--run", "7", "web"], ""],
  [
    "JSON made readable, with the time",
    ["--fold", "always", "-t", "--level", "warning", "-n", "1", "web"],
    "web | 2026-01-02T03:04:08.000Z WARN  three port=80\nweb = 2026-01-02T03:04:09.000Z 2 lines lost: no space left on device (ENOSPC)\n",
  ],
];

for (const [rule, words, out] of rows) {
  test(`logs without a supervisor: ${rule}`, async (t) => {
    const it = room(t);
    fill(it);
    deepEqual(await it.logs(...words), { code: 0, out, err: "" });
  });
}

test("a file in the service's own hands is read as the lines that it holds, and proves nothing", async (t) => {
  const it = room(t);
  writeFileSync(join(it.directory, "logs/own.log"), `one\n${time(1)} web 7 out two\n`);
  deepEqual(await it.logs("-n", "2", "own"), {
    code: 0,
    out: `own | one\nown | ${time(1)} web 7 out two\n`,
    err: "",
  });
  equal(
    (await it.logs("--verify", "own")).out,
    "own: 2 lines in 1 file: no line has a number: nothing can be proved\n",
  );
});

test("a stack trace comes with the line that it stands below", async (t) => {
  const it = room(t);
  const lines = [
    "INFO up",
    "  with port 80",
    "ERROR no",
    "    at one",
    "\tat two",
    "plain",
    "  more",
  ];
  const text = lines.map((line, index) => `${time(index)} db ${index + 1} err ${line}\n`).join("");
  writeFileSync(join(it.directory, "logs/db.log"), text);
  const { out } = await it.logs("--level", "err", "-n", "1", "--no-prefix", "db");
  equal(out, "ERROR no\n    at one\n\tat two\n");
});

test("rows as JSON say all that is known of them", async (t) => {
  const it = room(t);
  fill(it);
  const { out } = await it.logs("--json", "web");
  const objects = out
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text) as Record<string, unknown>);
  deepEqual(objects[1], {
    service: "web",
    run: 1,
    stream: "stdout",
    seq: 1,
    time: time(2),
    text: "one",
    partial: false,
  });
  deepEqual(objects[3], {
    service: "web",
    run: 1,
    stream: "end",
    seq: null,
    time: time(5),
    text: "run 1 exited with code 1",
  });
  deepEqual(objects[6], {
    service: "web",
    run: 2,
    stream: "gap",
    seq: 4,
    time: time(9),
    text: "2 lines lost: no space left on device (ENOSPC)",
    lines: 2,
    cause: "no space left on device (ENOSPC)",
  });
});

test("a service without a file is named where no supervisor has its lines", async (t) => {
  const it = room(t);
  fill(it);
  const all = await it.logs("-n", "1");
  // Where the supervisor is asked for the others, it is missed.
  equal(all.code, 0);
  equal(
    all.err,
    'supervise: no supervisor runs, and there is no log file of service "none": nothing of it is shown\n',
  );
  equal(all.out, "db   | query\nweb  | six\n");
  const none = await it.logs("none");
  equal(none.code, 1);
  match(none.err, /^supervise: cannot connect to control socket/);
});

test("verify names every gap with its cause, and what nothing explains makes it fail", async (t) => {
  const it = room(t);
  fill(it);
  const good = await it.logs("--verify");
  equal(good.code, 0);
  equal(
    good.out,
    `web: 4 lines in 2 files, numbers 1 to 6: every number is there once, or its loss is explained\n` +
      `  4 to 5: 2 lines lost: no space left on device (ENOSPC) ("${it.directory}/logs/web.log" at byte ${bytes(webRows.slice(3, 6))})\n` +
      "db: 2 lines in 1 file, numbers 1 to 2: every number is there once\n" +
      "own: 0 lines in 0 files: there is nothing yet\n",
  );
  appendFileSync(join(it.directory, "logs/db.log"), `${time(12)} db 5 out late\n`);
  const bad = await it.logs("--verify", "db");
  equal(bad.code, 1);
  equal(
    bad.out,
    `db: 3 lines in 1 file, numbers 1 to 5: not complete\n  3 to 4: 2 lines lost: unexplained ("${it.directory}/logs/db.log" at byte ${bytes(dbRows)})\n`,
  );
  const json = await it.logs("--verify", "--json", "db");
  equal(json.code, 1);
  const proof = JSON.parse(json.out) as {
    complete: boolean;
    findings: readonly { from: number; to: number }[];
  };
  equal(proof.complete, false);
  deepEqual(
    proof.findings.map(({ from, to }) => [from, to]),
    [[3, 4]],
  );
  const none = await it.logs("--verify", "none");
  deepEqual(
    [none.code, none.err.split("\n")[0]],
    [1, 'supervise: cannot verify the logs of service "none": it has no log file'],
  );
});

test("a file that cannot be read is one error, and one that is damaged does not hide the others", async (t) => {
  const it = room(t);
  fill(it);
  rmSync(join(it.directory, "logs/db.log"));
  mkdirSync(join(it.directory, "logs/db.log"));
  const directory = await it.logs("db");
  deepEqual(
    [directory.code, directory.err],
    [
      1,
      `supervise: cannot read log file "${it.directory}/logs/db.log": it is a directory (EISDIR)\n`,
    ],
  );
  const packed = join(it.directory, "logs/web.log.20260102T030404.000000Z.gz");
  writeFileSync(packed, "no gzip");
  const damaged = await it.logs("web", "--no-prefix");
  deepEqual(damaged, {
    code: 1,
    out: '{"level":40,"msg":"three","port":80}\nsix\n',
    err: `supervise: cannot read log file "${packed}": its compressed data are damaged (Z_DATA_ERROR)\n`,
  });
});

const refused: readonly (readonly [words: readonly string[], err: string])[] = [
  [["--grep", "("], 'cannot use option "--grep": "(" is no regular expression: unterminated group'],
  [["-i"], 'cannot use option "--ignore-case": it is about --grep, which is missing'],
  [
    ["--since", "soon"],
    'cannot use option "--since": it must be a duration such as 10m or a time such as "2026-01-02 03:04", found "soon"',
  ],
  [
    ["--until", "2026-02-30"],
    'cannot use option "--until": it must be a duration such as 10m or a time such as "2026-01-02 03:04", found "2026-02-30"',
  ],
  [
    ["--level", "loud"],
    'cannot use option "--level": it must be one of emerg, alert, crit, err, warning, notice, info, debug, trace, found "loud"',
  ],
  [
    ["--stream", "in"],
    'cannot use option "--stream": it must be one of stdout, stderr, syslog, found "in"',
  ],
  [["--run", "x"], 'cannot use option "--run": it must be a whole number, found "x"'],
  [["--run", "1", "--previous"], 'cannot use option "--run": --previous chooses another run'],
  [["-f", "--until", "1m"], 'cannot use option "--follow": what --until chooses has an end'],
  [["-f", "--previous"], 'cannot use option "--follow": a run that is chosen has an end'],
  [
    ["--fold", "maybe", "web"],
    'cannot use option "--fold": it must be one of always, never, auto, found "maybe"',
  ],
];

for (const [words, err] of refused) {
  test(`logs ${words.join(" ")} is refused`, async (t) => {
    const it = room(t);
    deepEqual(await it.logs(...words), { code: 64, out: "", err: `supervise: ${err}\n` });
  });
}

test("a name that no service has is refused with those there are", async (t) => {
  deepEqual(await room(t).logs("wep"), {
    code: 1,
    out: "",
    err: 'supervise: cannot find service "wep": no such service\n  hint: the services are web, db, own, none\n',
  });
});
