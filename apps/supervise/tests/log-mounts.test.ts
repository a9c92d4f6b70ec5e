import { equal, match, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "@supervise/testkit";
import { finish, project } from "./harness.js";

const UNSHARE = ["unshare", "--mount", "--propagation", "private"];

/** Why no small file system can be mounted in a namespace of our own; false: one can. */
function mountSkip(): string | false {
  const script = 'mkdir -p "$1" && mount -t tmpfs -o size=64k none "$1"';
  const directory = `/tmp/supervise-mount-${process.pid}`;
  const [command = "", ...words] = UNSHARE;
  const tried = spawnSync(command, [
    ...words,
    "sh",
    "-c",
    `${script}; e=$?; exit $e`,
    "sh",
    directory,
  ]);
  spawnSync("rmdir", [directory]);
  return tried.status === 0
    ? false
    : `no file system can be mounted in a namespace: ${tried.stderr.toString().trim()}`;
}

/** Writes what each word says, one when the file of its number is there. */
const writer = `
say() { i=0; while [ $i -lt $2 ]; do i=$((i+1)); printf '%s %090d\\n' $1 $i; done; }
after() { until [ -e go$1 ]; do sleep 0.02; done; }
say locked 20; after 1
mount -o remount,rw logs; say open 20; after 2
head -c 40000 /dev/zero > logs/filler; say full 600; after 3
rm logs/filler; say space 20; echo over; exec sleep 60`;

test(
  "on a file system that is read-only, and on one that is full, lines are counted, and writing goes on by itself",
  { skip: mountSkip() },
  async (t) => {
    const it = project(t, {
      web: {
        command: ["sh", "-c", writer],
        logging: { driver: "file", options: { path: "logs/web.log" } },
      },
    });
    const logs = join(it.directory, "logs");
    const mounted = 'mkdir -p "$0" && mount -t tmpfs -o size=64k,ro none "$0" && exec "$@"';
    const up = await it.up({ through: [...UNSHARE, "sh", "-c", mounted, logs] });
    const inside = ["nsenter", "-m", "-t", String(up.pid)] as const;
    const rowsIn = (path: string): string =>
      spawnSync(inside[0], [...inside.slice(1), "cat", path], { encoding: "utf8" }).stdout;
    const go = (number: number): void => writeFileSync(join(it.directory, `go${number}`), "");
    // A warning and the line that it is about are shown by two ways.
    const seen = (pattern: RegExp): Promise<unknown> =>
      until(() => up.stdout.all.some((line) => pattern.test(line)), { what: String(pattern) });
    await seen(/cannot open log file .*EROFS/);
    await seen(/locked 0+20$/);
    go(1);
    await seen(/open 0+20$/);
    go(2);
    await seen(/cannot write log file .*ENOSPC/);
    await seen(/full 0+600$/);
    go(3);
    await seen(/over$/);
    const text = await until(() => rowsIn(join(logs, "web.log")), {
      is: (rows) => rows.endsWith("out over\n"),
      what: "the last row",
    });
    const rows = text.split("\n").slice(0, -1);
    match(rows[0] ?? "", / web 1 gap 20 lines lost: read-only file system \(EROFS\)$/);
    // It is tried again now and then: where a row of a gap fits in, there may be another behind it.
    const full = /web (\d+) gap (\d+) lines? lost: no space left on device \(ENOSPC\)$/;
    const gaps = rows.flatMap((row) => {
      const [, first, lost] = full.exec(row) ?? [];
      return first === undefined ? [] : { first: Number(first), lost: Number(lost) };
    });
    const lost = gaps.reduce((sum, gap) => sum + gap.lost, 0);
    ok(lost > 0);
    equal(rows.filter((row) => / full \d+$/.test(row)).length, 600 - lost);
    equal((gaps.at(-1)?.first ?? 0) + (gaps.at(-1)?.lost ?? 0), 641);
    // No row is torn, and every number is there or its loss is explained.
    for (const row of rows) match(row, / web (?:\d+ (?:out|gap)|- begin) /);
    const verified = await finish(it.begin(["logs", "--verify", "web"], { through: inside }));
    equal(verified.code, 0);
    match(verified.stdout, /or its loss is explained/);
  },
);
