import { equal, match } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "@supervise/testkit";
import { finish, project } from "./harness.js";

const UNSHARE = ["unshare", "--mount", "--propagation", "private"];
/** A file system in user space whose program never answers: whoever opens a file there waits, until whoever has the descriptor ends. */
const mounted =
  'mkdir -p "$0" && exec 3<>/dev/fuse && mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 none "$0" && exec "$@"';

/** Why there can be none in a namespace of our own; false: there can. */
function fuseSkip(): string | false {
  const directory = `/tmp/supervise-fuse-${process.pid}`;
  const [command = "", ...words] = UNSHARE;
  const tried = spawnSync(command, [...words, "sh", "-c", mounted, directory, "true"]);
  spawnSync("rmdir", [directory]);
  return tried.status === 0
    ? false
    : `no file system in user space can be mounted: ${tried.stderr.toString().trim()}`;
}

const numbered = (lines: number): string[] => ["seq", String(lines)];

test(
  "log files on a file system that hangs hold up nobody else, and not the end",
  { skip: fuseSkip() },
  async (t) => {
    const file = (path: string, mode: string): Readonly<Record<string, unknown>> => ({
      driver: "file",
      options: { path, mode, "max-buffer-size": "2k" },
    });
    const it = project(t, {
      waits: {
        command: numbered(300),
        logging: { driver: "file", options: { path: "hang/waits.log" } },
      },
      drops: { command: numbered(40_000), logging: file("hang/drops.log", "non-blocking") },
      other: {
        command: numbered(300),
        logging: { driver: "file", options: { path: "other.log" } },
      },
      stay: { command: ["sleep", "60"] },
    });
    const up = await it.up({
      through: [...UNSHARE, "sh", "-c", mounted, join(it.directory, "hang")],
    });
    for (const name of ["waits", "drops", "other"]) await up.events.state(name, "done");
    // Which of them is told first is open.
    for (const told of [
      /cannot write log file .*drops\.log": it does not keep up/,
      /cannot write log file .*waits\.log": it hangs; the services that write/,
    ])
      await until(() => up.stdout.all.some((line) => told.test(line)), { what: String(told) });
    equal(readFileSync(join(it.directory, "other.log"), "utf8").split("\n").length, 303);
    equal((await it.run("down")).code, 0);
    const { code, stdout } = await finish(up);
    equal(code, 0);
    match(stdout, /waits\.log": it hangs; 300 lines may not be in it/);
    match(stdout, /drops\.log": it hangs; 40000 lines may not be in it/);
  },
);
